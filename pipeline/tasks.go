package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// load waits for the run's Spec and Plan, which a coordinator writes before its
// first task.
func (s *session) load(ctx context.Context, stop <-chan struct{}) error {
	pause := backoff(0)
	for {
		t, err := loadTables(ctx, s.w.Store, s.run)
		if err == nil {
			s.tables = t
			s.views = newViews(&s.tables)
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := pause.wait(ctx, stop); err != nil {
			return err
		}
	}
}

func (s *session) close() {
	if c, ok := s.engine.(interface{ Close() error }); ok {
		_ = c.Close() // the results are in the store already
	}
}

// do brings one task to its output.
func (s *session) do(ctx context.Context, t schemas.Task) error {
	start := time.Now()
	cost := schemas.TaskTiming{Task: t.Name(), Worker: s.w.Name, Host: s.w.Host, Device: s.w.Device,
		Started: start.UTC().Format(time.RFC3339Nano)}
	var err error
	switch t.Stage {
	case schemas.StageNumericKind:
		cost.NumericKind, err = s.joinKind(ctx)
	case schemas.StageEmbed:
		err = s.embed(ctx, t, &cost)
	case schemas.StageMatch, schemas.StageJudge:
		if err = s.learnKind(ctx); err != nil {
			break
		}
		if t.Stage == schemas.StageMatch {
			err = s.cross(ctx, t)
		} else {
			err = s.judge(ctx, t)
		}
	default:
		err = fmt.Errorf("pipeline: a task of the unknown stage %q: this worker is older than its coordinator", t.Stage)
	}
	if err != nil {
		return err
	}
	cost.Seconds = time.Since(start).Seconds()
	return putJSON(ctx, s.w.Store, schemas.TaskTimingObject(s.run, t), cost)
}

// open gives the engine, made on first use.
func (s *session) open(ctx context.Context) (Embedder, error) {
	s.engineMu.Lock()
	defer s.engineMu.Unlock()
	if s.engine != nil {
		return s.engine, nil
	}
	e, err := s.w.Open(ctx, s.spec.Embed)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fatalError{err}
	}
	s.engine = e
	return e, nil
}

// learnKind reads the kind of the run's vectors, which was not stated yet when
// this worker joined.
func (s *session) learnKind(ctx context.Context) error {
	s.engineMu.Lock()
	defer s.engineMu.Unlock()
	if s.kind != "" {
		return nil
	}
	return s.loadKind(ctx)
}

// joinKind states this machine's numeric kind, or checks it against the run's.
func (s *session) joinKind(ctx context.Context) (schemas.NumericKind, error) {
	e, err := s.open(ctx)
	if err != nil {
		return "", err
	}
	s.engineMu.Lock()
	defer s.engineMu.Unlock()
	if s.kindOK {
		return s.mine, nil
	}
	mine, err := e.Kind(ctx)
	if err != nil {
		return "", err
	}
	if err := put(ctx, s.w.Store, schemas.NumericKindObject(s.run), []byte(mine+"\n")); err != nil {
		return "", err
	}
	if !s.spec.Judge.Mixed {
		if s.kind == "" {
			if err := s.loadKind(ctx); err != nil {
				return "", err
			}
		}
		if s.kind != mine {
			return "", fmt.Errorf("pipeline: run %s is of numeric kind %s, this machine of %s: %w", s.run, s.kind, mine, ErrKind)
		}
	}
	s.kindOK, s.mine = true, mine
	return mine, nil
}

// recordAttempt writes a failed attempt and returns how many there are.
func (s *session) recordAttempt(ctx context.Context, t schemas.Task, cause error) (int, error) {
	for n := 1; ; n++ {
		data, err := schemas.Marshal(schemas.Attempt{Task: t.Name(), Worker: s.w.Name, Error: cause.Error()})
		if err != nil {
			return n, err
		}
		created, err := create(ctx, s.w.Store, schemas.AttemptObject(s.run, t, n), data)
		if err != nil || created {
			return n, err
		}
	}
}

// giveUp writes the record that settles a hopeless task.
func (s *session) giveUp(ctx context.Context, t schemas.Task, cause error) error {
	return putJSON(ctx, s.w.Store, schemas.FailureObject(s.run, t), schemas.Attempt{Task: t.Name(), Worker: s.w.Name, Error: cause.Error(), Death: errors.Is(cause, errDeaths)})
}

// errDeaths says that workers died at a task, one after the other.
var errDeaths = errors.New("workers died at it")
