package command

import (
	"context"
	"strings"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// requestFlags say what a run is asked for.
type requestFlags struct {
	sources   sourceFlags
	embedding embeddingFlags
	judging   judgingFlags
}

// request returns what the flags ask for, and the models that it takes. Buckets are
// read with s3.
func (f *requestFlags) request(ctx context.Context, s3 store.S3Options) (plan.Request, []embed.Model, error) {
	q := plan.Request{ShardImages: f.embedding.shardImages, From: schemas.RunID(f.judging.from),
		Judge: f.judging.spec()}
	err := f.check()
	if err != nil {
		return q, nil, err
	}
	if f.judging.overrides != "" {
		if q.Overrides, _, err = dataset.ReadOverrides(ctx, f.judging.overrides, s3); err != nil {
			return q, nil, err
		}
	}
	if q.Prior, err = f.judging.readPrior(); err != nil {
		return q, nil, err
	}
	if q.From != "" {
		return q, nil, nil
	}
	if err := f.sources.add(ctx, &q, s3); err != nil {
		return q, nil, err
	}
	if q.Set.Vectors != "" && len(q.References) == 0 {
		return q, nil, nil
	}
	models, err := f.embedding.add(&q)
	return q, models, err
}

// check refuses what no run can have, before anything is read.
func (f *requestFlags) check() error {
	if err := f.judging.check(); err != nil {
		return err
	}
	if err := f.embedding.check(); err != nil {
		return err
	}
	if set := append(f.sources.used(), f.embedding.used()...); f.judging.from != "" && len(set) > 0 {
		return program.Usagef("--from takes that run's images and vectors; leave %s out",
			strings.Join(set, ", "))
	}
	if err := f.sources.checkVectors(); err != nil {
		return err
	}
	if err := f.sources.checkLayout(); err != nil {
		return err
	}
	switch {
	case f.judging.rekind && (f.judging.from != "" || f.sources.vectors != "" || f.judging.mixed):
		return program.Usagef("--rekind computes vectors anew, of one numeric kind; leave --from, --vectors and --mixed out")
	case f.judging.from != "" && schemas.RunID(f.judging.from).Validate() != nil:
		return program.Usagef("--from %q is no run id; coordinator status lists the runs", f.judging.from)
	}
	return nil
}
