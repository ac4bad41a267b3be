package command

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/worker/program"
)

// What a package below says is wrong comes with the flag that helps.
func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		err  error
		hint string
	}{
		{&store.EndpointError{Endpoint: "http://host:1", Err: fs.ErrClosed}, "--s3-endpoint"},
		{&plan.DimensionError{URL: "vectors.arrow", Vectors: 3, Model: 4}, "--model"},
		{plan.ErrNoRun, "coordinator status"},
		{tree.ErrNothing, "--data"},
		{tree.ErrFile, "--manifest"},
		{layout.ErrUnlistable, "--skip-unlistable"},
		{dataset.ErrNoPairs, "--pairs"},
	} {
		wrapped := fmt.Errorf("in a run: %w", c.err)
		if err := adviseFlags(wrapped); !errors.Is(err, wrapped) || !strings.Contains(program.Hint(err), c.hint) {
			t.Errorf("%v gives %v, want a hint with %q", c.err, err, c.hint)
		}
	}
	for _, err := range []error{nil, fs.ErrNotExist} {
		if got := adviseFlags(err); got != err { //nolint:errorlint // the very error
			t.Errorf("%v gives %v", err, got)
		}
	}
}

// The same command takes up a run that was cancelled, except under the same job.
func TestAdviceToTakeUp(t *testing.T) {
	for job, want := range map[string]string{
		"":  "the same command takes it up again",
		"a": "the same command takes it up again with another --job, or with none",
	} {
		err := advise(&run.CancelledError{}, advice{job: job})
		if got := program.Hint(err); got != want {
			t.Errorf("job %q: %q; want %q", job, got, want)
		}
	}
}
