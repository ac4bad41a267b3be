package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// errInterrupted ends what an interrupt stopped before its end.
var errInterrupted = errors.New("interrupted")

// shutdown ends the program in two steps. The first interrupt lets a worker in
// this process finish the tasks it holds; where there is none it cancels at once.
// The second cancels: leases are given back. The third exits.
type shutdown struct {
	cancel context.CancelCauseFunc

	mu   sync.Mutex
	hit  bool
	soft chan struct{}                    // of the worker in this process; nil: there is none
	say  func(format string, args ...any) // nil: nothing is shown
}

// tell says what interrupts do by way of what is shown, until it is nil again.
func (s *shutdown) tell(say func(format string, args ...any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say = say
}

// interruptible is a context that interrupts end.
func interruptible(parent context.Context) (context.Context, *shutdown, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	s := &shutdown{cancel: cancel}
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go s.listen(ctx, signals)
	return ctx, s, func() { signal.Stop(signals); cancel(nil) }
}

func (s *shutdown) listen(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-signals:
			if ctx.Err() != nil {
				os.Exit(exitInterrupted)
			}
			s.interrupt()
		case <-ctx.Done():
			if !s.interrupted() {
				return
			}
			<-signals
			os.Exit(exitInterrupted)
		}
	}
}

func (s *shutdown) interrupt() {
	s.mu.Lock()
	first, soft := !s.hit, s.soft
	s.hit = true
	if first && soft != nil {
		close(soft)
	}
	say := s.say
	s.mu.Unlock()
	switch {
	case say == nil:
	case first && soft != nil:
		say("finishing the tasks at work; interrupt again to stop at once")
	default:
		say("stopping")
	}
	if !first || soft == nil {
		s.cancel(errInterrupted)
	}
}

// interrupted says whether there was an interrupt.
func (s *shutdown) interrupted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hit
}

// softly says that a worker is in this process, which ends by itself once the
// channel is closed, until the returned function is called.
func (s *shutdown) softly() (<-chan struct{}, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soft = make(chan struct{})
	if s.hit {
		close(s.soft)
	}
	return s.soft, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.soft = nil
	}
}
