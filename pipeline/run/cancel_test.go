package run

import (
	"context"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// A cancellation that is seen when all is done ends nothing: the report stands.
func TestCancelledTooLate(t *testing.T) {
	st, err := store.Open(t.Context(), "mem:"+t.Name(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := &execution{coordinator: &Coordinator{Store: st, Look: time.Millisecond},
		run: &runstore.Run{Store: st, ID: "0123456789abcdef0123456789abcdef"}}
	err = e.unlessCancelled(t.Context(), func(ctx context.Context) error {
		by := schemas.Cancellation{By: "me@here", At: "2026-01-02T03:04:05Z"}
		err := e.run.PutJSON(ctx, schemas.CancelledObject(e.run.ID), by)
		<-ctx.Done() // it has been seen
		return err
	})
	if err != nil {
		t.Errorf("a run with its report ended with %v", err)
	}
}
