package runstore

import (
	"context"

	"github.com/facesieve/facesieve/schemas"
)

// stageKey is the key of a context's stage.
type stageKey struct{}

// WithStage returns a context whose calls of the store are those of a stage, for
// whoever counts them.
func WithStage(ctx context.Context, stage schemas.Stage) context.Context {
	return context.WithValue(ctx, stageKey{}, stage)
}

// StageOf returns the stage that WithStage gave a context, "" where it gave none.
func StageOf(ctx context.Context) schemas.Stage {
	stage, _ := ctx.Value(stageKey{}).(schemas.Stage)
	return stage
}
