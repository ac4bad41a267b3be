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
	out        screen.Printer // what a command is asked for
	stderr     *os.File       // progress, logs, errors
	log        *zap.Logger
	logs       *program.LogOutput
	interrupts *program.Interrupts
}

// startLog makes the log: warnings, or where verbose all that is done.
func (c *console) startLog(verbose bool) {
	level := zap.WarnLevel
	if verbose {
		level = zap.DebugLevel
	}
	c.logs = program.NewLogOutput(c.stderr)
	c.log = program.NewLog(c.logs, program.LogOptions{Level: level, JSON: c.out.JSON})
}

// progress begins to show progress. Log lines, and what interrupts do, go by way of
// it from now on. The caller closes it.
func (c *console) progress() *screen.Display {
	d := screen.NewDisplay(screen.Options{W: c.stderr, JSON: c.out.JSON,
		Terminal: term.IsTerminal(int(c.stderr.Fd())) && os.Getenv("TERM") != "dumb"})
	c.logs.SendTo(d)
	c.interrupts.Tell(d.Say)
	return d
}
