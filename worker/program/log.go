package program

import (
	"io"
	"sync"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/facesieve/facesieve/schemas"
)

// LogOutput takes log lines to a writer that may change while the program runs:
// progress that is shown on a terminal and log lines share it.
type LogOutput struct {
	mu sync.Mutex
	w  io.Writer
}

// NewLogOutput returns an output that writes to w.
func NewLogOutput(w io.Writer) *LogOutput { return &LogOutput{w: w} }

// SendTo has log lines written to w from now on.
func (l *LogOutput) SendTo(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w = w
}

// Write writes a log line.
func (l *LogOutput) Write(b []byte) (int, error) {
	l.mu.Lock()
	w := l.w
	l.mu.Unlock()
	return w.Write(b)
}

// Sync does nothing: lines are written as they come.
func (l *LogOutput) Sync() error { return nil }

// LogOptions say what is logged, and how.
type LogOptions struct {
	Level zapcore.Level // the least that is logged
	JSON  bool          // lines of JSON; else of text
}

// NewLog returns a log that writes to out.
func NewLog(out *LogOutput, o LogOptions) *zap.Logger {
	c := zap.NewProductionEncoderConfig()
	if o.JSON {
		c.EncodeTime = zapcore.RFC3339TimeEncoder
		return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(c), out, o.Level))
	}
	c.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	return zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(c), zapcore.AddSync(printable{out}), o.Level))
}

// printable takes text to a terminal, which what others wrote shall not command.
type printable struct{ w io.Writer }

// Write writes a line.
func (p printable) Write(b []byte) (int, error) {
	if _, err := io.WriteString(p.w, schemas.Printable(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// LogFormat is the flag that says how log lines are written.
type LogFormat struct {
	name string
}

// The formats of log lines.
const (
	logText = "text"
	logJSON = "json"
)

// AddFlags defines the flag. More is what json means for this program beside it.
func (l *LogFormat) AddFlags(fs *pflag.FlagSet, more string) {
	fs.StringVar(&l.name, "log-format", logText, "lines on stderr: text for people, json for a collector of logs"+more)
}

// Check refuses a format that there is none of.
func (l *LogFormat) Check() error {
	if l.name != "" && l.name != logText && l.name != logJSON {
		return Usagef("--log-format %q: say %s or %s", l.name, logText, logJSON)
	}
	return nil
}

// JSON says whether lines are of JSON.
func (l *LogFormat) JSON() bool { return l.name == logJSON }
