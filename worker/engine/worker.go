package engine

import (
	"context"
	"fmt"
	"os"

	"go.uber.org/zap"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/queue"
	stageembed "github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
)

var _ stageembed.Embedder = (*embed.Engine)(nil)

// Worker returns the worker of this process. It opens an engine by the flags once a
// task takes one, and reads images in buckets with s3.
func (f *Flags) Worker(st store.Store, conn *queue.Conn, s3 store.S3Options, log *zap.Logger) *work.Worker {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &work.Worker{Store: st, Conn: conn, S3: s3, Log: log, Host: host,
		Name: fmt.Sprintf("%s-%d", host, os.Getpid()), Device: f.Device,
		Open: func(ctx context.Context, spec schemas.EmbedSpec) (stageembed.Embedder, error) {
			e, err := f.Open(ctx, st, spec)
			if err != nil {
				return nil, err
			}
			log.Info("engine opened", zap.String("engine", e.Backend()), zap.String("device", e.Device()))
			return e, nil
		}}
}
