package main

import (
	"io"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logWriter takes log lines to stderr, or to what is shown there.
type logWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *logWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	w := l.w
	l.mu.Unlock()
	return w.Write(b)
}

// Sync does nothing: lines are written as they come.
func (l *logWriter) Sync() error { return nil }

// startLog makes the log: warnings, or with --verbose every step, as text or with
// --json as JSON, to stderr.
func (a *app) startLog() {
	a.logs = &logWriter{w: a.err}
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	encoder := zapcore.NewConsoleEncoder(c)
	if a.json {
		c.EncodeTime = zapcore.RFC3339TimeEncoder
		encoder = zapcore.NewJSONEncoder(c)
	}
	level := zap.WarnLevel
	if a.verbose {
		level = zap.DebugLevel
	}
	a.log = zap.New(zapcore.NewCore(encoder, a.logs, level))
}

// logTo takes log lines from now on to w.
func (a *app) logTo(w io.Writer) {
	a.logs.mu.Lock()
	defer a.logs.mu.Unlock()
	a.logs.w = w
}
