package work

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/embed"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/pipeline/stage/secondlook"
	"github.com/facesieve/facesieve/schemas"
)

// session is a worker's knowledge of one run.
type session struct {
	worker *Worker
	id     schemas.RunID
	run    *runstore.Run    // nil until the run is loaded
	shards *runstore.Shards // nil until the run is loaded

	tablesMu   sync.Mutex         // guards these
	doubtShare *secondlook.Tables // nil until a task needs them
	matchShare *match.Tables      // nil until a task needs them
	judgeShare *judge.Tables      // nil until a task needs them

	abandoned atomic.Bool // a task at work did not end with its context

	engineMu sync.Mutex // guards these, and run.NumericKind until joined
	engine   embed.Embedder
	own      schemas.NumericKind // of this machine
	joined   bool                // this machine computes what the run's first one did

	images  atomic.Int64 // brought forward by this worker
	stateMu sync.Mutex   // guards these
	working []*attempt
	done    int // tasks
	failed  int
	device  string // of the engine; "" until it is open
	backend string
	stated  schemas.NumericKind // own
}

// forget drops what was read of the run's tables: a coordinator that makes the queue
// again may have failed tasks tried again, and with them all that follows from them.
func (s *session) forget() {
	s.tablesMu.Lock()
	defer s.tablesMu.Unlock()
	s.doubtShare, s.matchShare, s.judgeShare, s.shards = nil, nil, nil, runstore.NewShards(s.run)
}

// load waits for the run's Spec and Plan, which a coordinator writes before its
// first task.
func (s *session) load(ctx context.Context, stop <-chan struct{}) error {
	pauses := newPauses()
	for {
		run, err := runstore.Load(ctx, s.worker.Store, s.id)
		if err == nil {
			s.run, s.shards = run, runstore.NewShards(run)
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := wait(ctx, pauses.NextBackOff(), stop); err != nil {
			return err
		}
	}
}

// close closes the engine, unless a task that did not end with its context may be in it
// still: the process is about to end then.
func (s *session) close() {
	if s.abandoned.Load() {
		return
	}
	if c, ok := s.engine.(interface{ Close() error }); ok {
		_ = c.Close() // the results are in the store already
	}
}

// readOnce returns what a pointer points to, read on first use; mu guards the pointer.
func readOnce[T any](mu *sync.Mutex, at **T, read func() (*T, error)) (*T, error) {
	mu.Lock()
	defer mu.Unlock()
	if *at == nil {
		t, err := read()
		if err != nil {
			return nil, err
		}
		*at = t
	}
	return *at, nil
}

// doubtTables returns what all lists of doubtful images are made by.
func (s *session) doubtTables(ctx context.Context) (*secondlook.Tables, error) {
	return readOnce(&s.tablesMu, &s.doubtShare, func() (*secondlook.Tables, error) {
		return secondlook.LoadTables(ctx, s.run)
	})
}

// matchTables returns what all match tasks share.
func (s *session) matchTables(ctx context.Context) (*match.Tables, error) {
	if err := s.learnNumericKind(ctx); err != nil {
		return nil, err
	}
	return readOnce(&s.tablesMu, &s.matchShare, func() (*match.Tables, error) {
		return match.LoadTables(ctx, s.run)
	})
}

// judgeTables returns what all judge tasks share.
func (s *session) judgeTables(ctx context.Context) (*judge.Tables, error) {
	m, err := s.matchTables(ctx)
	if err != nil {
		return nil, err
	}
	return readOnce(&s.tablesMu, &s.judgeShare, func() (*judge.Tables, error) {
		return judge.LoadTables(ctx, s.run, m.Identities[schemas.Set])
	})
}

// reader opens the source's images where this start of the run says they are.
func (s *session) reader(ctx context.Context, name schemas.Source) (*dataset.Reader, error) {
	var file schemas.SourceFile
	if err := s.run.GetJSON(ctx, schemas.SourceObject(s.id), &file); err != nil {
		return nil, err
	}
	for _, src := range file.Sources {
		if src.Name == name {
			return dataset.OpenReader(ctx, src.URL, s.worker.S3)
		}
	}
	return nil, origin.Errorf("pipeline", "%s names no URL for source %s", schemas.SourceObject(s.id),
		name.Token())
}

// openEngine returns the engine, opened on first use.
func (s *session) openEngine(ctx context.Context) (embed.Embedder, error) {
	s.engineMu.Lock()
	defer s.engineMu.Unlock()
	if s.engine != nil {
		return s.engine, nil
	}
	e, err := s.worker.Open(ctx, s.run.Spec.Embed)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fatalError{err}
	}
	s.engine = e
	s.stateEngine(e)
	return e, nil
}

// learnNumericKind reads the numeric kind of the run's vectors, which was not
// stated yet when this worker joined.
func (s *session) learnNumericKind(ctx context.Context) error {
	s.engineMu.Lock()
	defer s.engineMu.Unlock()
	if s.run.NumericKind != "" {
		return nil
	}
	return s.run.LoadNumericKind(ctx)
}

// joinNumericKind states this machine's numeric kind, or checks it against the
// run's.
func (s *session) joinNumericKind(ctx context.Context) (schemas.NumericKind, error) {
	e, err := s.openEngine(ctx)
	if err != nil {
		return "", err
	}
	s.engineMu.Lock()
	defer s.engineMu.Unlock()
	if s.joined {
		return s.own, nil
	}
	own, err := e.NumericKind(ctx)
	if err != nil {
		return "", err
	}
	if err := s.run.PutNumericKind(ctx, own); err != nil {
		return "", err
	}
	if !s.run.Spec.Judge.Mixed {
		if s.run.NumericKind == "" {
			if err := s.run.LoadNumericKind(ctx); err != nil {
				return "", err
			}
		}
		if s.run.NumericKind != own {
			return "", origin.Errorf("pipeline", "run %s is of numeric kind %s, this machine of %s: %w",
				s.id, s.run.NumericKind, own, ErrNumericKind)
		}
	}
	s.joined, s.own = true, own
	s.stateMu.Lock()
	s.stated = own
	s.stateMu.Unlock()
	return own, nil
}
