package command

import (
	"errors"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/worker/program"
)

// advice is what a command says to do about errors of a run that its flags help
// with.
type advice struct {
	numericKind string // this machine computes other bits than the run's
	landmarks   string // a source lists none
}

// advise returns an error of a run with what to do about it.
func advise(err error, a advice) error {
	switch {
	case errors.Is(err, run.ErrFailed):
		return program.WithHint(err, "the same command tries again")
	case errors.Is(err, plan.ErrNoLandmarks):
		return program.WithHint(err, a.landmarks)
	case errors.Is(err, work.ErrNumericKind):
		err = program.WithHint(err, "use workers of one processor or GPU type and one engine")
		return program.WithHint(err, a.numericKind)
	}
	return err
}

// unfinished returns an error of a run that has a report: tasks that were given up
// have an exit code of their own.
func unfinished(err error) error {
	if errors.Is(err, run.ErrFailed) {
		return program.WithExit(err, program.ExitFailed)
	}
	return err
}
