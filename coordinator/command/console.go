package command

import (
	"os"

	"go.uber.org/zap"
	"golang.org/x/term"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/worker/program"
)

// console is how a command speaks with whoever gave it.
type console struct {
	version    string         // of the program
	out        screen.Printer // what a command is asked for
	stderr     *os.File       // progress, logs, errors
	log        *zap.Logger
	logs       *program.LogOutput
	interrupts *program.Interrupts
	verbose    bool
}

// startLog makes the log: warnings, or where verbose all that is done.
func (c *console) startLog() {
	level := zap.WarnLevel
	if c.verbose {
		level = zap.DebugLevel
	}
	c.logs = program.NewLogOutput(c.stderr)
	c.log = program.NewLog(c.logs, program.LogOptions{Level: level, JSON: c.out.JSON})
}

// format has everything said in a format, from now on. A collector of logs takes stdout,
// too: lines of JSON there are what --json prints.
func (c *console) format(f program.LogFormat) {
	c.out.JSON = c.out.JSON || f.JSON()
	c.startLog()
}

// progress begins to show progress. Log lines, and what interrupts do, go by way of
// it from now on. The caller closes it.
func (c *console) progress() *screen.Display {
	d := screen.NewDisplay(screen.Options{W: c.stderr, JSON: c.out.JSON, Terminal: drawsOn(c.stderr)})
	c.logs.SendTo(d)
	c.interrupts.Tell(d.Say)
	return d
}

// drawsOn says whether a file is a terminal that can be drawn on.
func drawsOn(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}
