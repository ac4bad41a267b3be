package command

import (
	"errors"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/worker/program"
)

// advice is what a command says to do about errors of a run that its flags help
// with.
type advice struct {
	numericKind string // this machine computes other bits than the run's
	landmarks   string // a source lists none
	job         string // --job, under which a run that was cancelled stays so
}

// advise returns an error of a run with what to do about it.
func advise(err error, a advice) error {
	var cancelled *run.CancelledError
	switch {
	case errors.Is(err, run.ErrFailed):
		return program.WithHint(err, "the same command tries again")
	case errors.As(err, &cancelled): // trying again by itself, as a Job does, would undo it
		hint := "the same command takes it up again"
		if a.job != "" {
			hint += " with another --job, or with none"
		}
		return program.WithExit(program.WithHint(err, hint), program.ExitFailed)
	case errors.Is(err, plan.ErrNoLandmarks):
		return program.WithHint(err, a.landmarks)
	case errors.Is(err, work.ErrNumericKind):
		err = program.WithHint(err, "use workers of one processor or GPU type and one engine")
		return program.WithHint(err, a.numericKind)
	}
	return err
}

// adviseFlags returns an error of a command with what flags can do about it whose names
// are the same in every command.
func adviseFlags(err error) error {
	var endpoint *store.EndpointError
	var dimension *plan.DimensionError
	var reference *plan.ReferenceError
	hint := ""
	switch {
	case program.Hint(err) != "" && (errors.Is(err, tree.ErrNothing) || errors.Is(err, tree.ErrFile)):
		return err // it tells which folder is meant
	case errors.As(err, &endpoint):
		hint = "check --s3-endpoint or AWS_ENDPOINT_URL_S3 and that the server runs"
	case errors.As(err, &dimension):
		hint = "name the model that made them with --model"
	case errors.Is(err, plan.ErrNoRun):
		hint = "coordinator status lists the runs"
	case errors.Is(err, tree.ErrNothing) && errors.As(err, &reference):
		hint = "check the path or give another with --reference " + string(reference.Name) + "=URL"
	case errors.Is(err, tree.ErrNothing):
		hint = "check the path or give another with --data"
	case errors.Is(err, tree.ErrFile):
		hint = "give the folder that holds the identities' folders, or a table with --manifest"
	case errors.Is(err, layout.ErrUnlistable):
		hint = "make it readable, or pass over such folders with --skip-unlistable"
	case errors.Is(err, queue.ErrReplicas):
		hint = "start more NATS servers, or leave --nats-replicas out for as many as there are"
	case errors.Is(err, dataset.ErrNoPairs):
		hint = "give it with --pairs FILE"
	default:
		return err
	}
	return program.WithHint(err, hint)
}

// unfinished returns an error of a run that has a report: tasks that were given up
// have an exit code of their own.
func unfinished(err error) error {
	if errors.Is(err, run.ErrFailed) {
		return program.WithExit(err, program.ExitFailed)
	}
	return err
}
