package work

import (
	"context"
	"errors"
	"time"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/pipeline/stage/nearest"
	"github.com/facesieve/facesieve/pipeline/stage/neighbours"
	"github.com/facesieve/facesieve/pipeline/stage/secondlook"
	"github.com/facesieve/facesieve/schemas"
)

// do brings one task to its output.
func (s *session) do(ctx context.Context, t schemas.Task) error {
	w, start := s.worker, time.Now()
	cost := schemas.TaskTiming{Task: t.Name(), Worker: w.Name, Host: w.Host, Device: w.Device,
		Started: start.UTC().Format(time.RFC3339Nano)}
	ctx = runstore.WithStage(ctx, t.Stage)
	var err error
	switch t.Stage {
	case schemas.StageNumericKind:
		cost.NumericKind, err = s.joinNumericKind(ctx)
	case schemas.StageEmbed:
		err = s.embed(ctx, t, &cost)
	case schemas.StageDoubtful:
		err = s.doubtful(ctx, t)
	case schemas.StageSecondLook:
		err = s.secondLook(ctx, t, &cost)
	case schemas.StageMatch:
		err = s.match(ctx, t)
	case schemas.StageNearest:
		err = s.nearest(ctx, t)
	case schemas.StageNeighbours:
		err = s.neighbours(ctx, t)
	case schemas.StageJudge:
		err = s.judge(ctx, t)
	default:
		err = origin.Errorf("pipeline",
			"a task of the unknown stage %q: this worker is older than its coordinator", t.Stage)
	}
	if err != nil {
		return err
	}
	cost.Seconds = time.Since(start).Seconds()
	return s.run.PutJSON(ctx, schemas.TaskTimingObject(s.id, t), cost)
}

func (s *session) embed(ctx context.Context, t schemas.Task, cost *schemas.TaskTiming) error {
	var err error
	if cost.NumericKind, err = s.joinNumericKind(ctx); err != nil {
		return err
	}
	in := embed.Input{Run: s.run, Task: t, Engine: s.openEngine, Reader: s.reader,
		Done: func() { s.worker.Images.Add(1); s.images.Add(1) }}
	in.Kept = func(images int, faults map[schemas.Fault]int) {
		s.worker.observer().Embedded(images, faults, cost.Read)
	}
	return embed.Part(ctx, in, cost)
}

func (s *session) doubtful(ctx context.Context, t schemas.Task) error {
	if err := s.learnNumericKind(ctx); err != nil {
		return err
	}
	return secondlook.Doubtful(ctx, secondlook.Input{Run: s.run, Task: t, Tables: s.doubtTables})
}

func (s *session) secondLook(ctx context.Context, t schemas.Task, cost *schemas.TaskTiming) error {
	if err := s.learnNumericKind(ctx); err != nil {
		return err
	}
	in := secondlook.Input{Run: s.run, Task: t, Reader: s.reader, Done: func() { s.images.Add(1) }}
	in.Engine = func(ctx context.Context) (secondlook.Engine, error) {
		var err error
		if cost.NumericKind, err = s.joinNumericKind(ctx); err != nil {
			return nil, err
		}
		return s.openEngine(ctx)
	}
	return secondlook.Shard(ctx, in, cost)
}

func (s *session) match(ctx context.Context, t schemas.Task) error {
	tables, err := s.matchTables(ctx)
	if err != nil {
		return err
	}
	return match.Shard(ctx, s.shards, tables, t.Shard)
}

func (s *session) nearest(ctx context.Context, t schemas.Task) error {
	tables, err := s.matchTables(ctx)
	if err != nil {
		return err
	}
	return nearest.Shard(ctx, s.shards, tables.Identities[schemas.Set], t.Shard)
}

func (s *session) neighbours(ctx context.Context, t schemas.Task) error {
	tables, err := s.matchTables(ctx)
	if err != nil {
		return err
	}
	return neighbours.Group(ctx, s.run, tables.Identities[schemas.Set], t.Shard)
}

func (s *session) judge(ctx context.Context, t schemas.Task) error {
	tables, err := s.judgeTables(ctx)
	if err != nil {
		return err
	}
	return judge.Shard(ctx, s.shards, tables, t.Shard)
}

// recordAttempt writes a failed attempt and returns how many there are.
func (s *session) recordAttempt(ctx context.Context, t schemas.Task, cause error) (int, error) {
	for n := 1; ; n++ {
		data, err := schemas.Marshal(schemas.Attempt{Task: t.Name(), Worker: s.worker.Name,
			Error: origin.Text(cause)})
		if err != nil {
			return n, err
		}
		created, err := runstore.Create(ctx, s.worker.Store, schemas.AttemptObject(s.id, t, n), data)
		if err != nil || created {
			return n, err
		}
	}
}

// giveUp writes the record that settles a task which is not tried again.
func (s *session) giveUp(ctx context.Context, t schemas.Task, cause error) error {
	return s.run.PutJSON(ctx, schemas.FailureObject(s.id, t), schemas.Attempt{Task: t.Name(),
		Worker: s.worker.Name, Error: origin.Text(cause), Death: errors.Is(cause, errDeaths)})
}

// errDeaths says that workers died at a task, one after the other.
var errDeaths = errors.New("workers died at it")
