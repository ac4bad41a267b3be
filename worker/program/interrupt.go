package program

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// ErrInterrupted is the cause of a context that interrupts have ended.
var ErrInterrupted = errors.New("interrupted")

// Interrupts ends a program gently first, then at once. The first interrupt (Ctrl-C, SIGTERM)
// lets a worker in this process finish the tasks that it holds, for as long as its grace
// lasts; where there is none it cancels at once. The second cancels: leases are given
// back. The third forces the exit.
type Interrupts struct {
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	hit    bool
	finish chan struct{}     // of the worker in this process; nil: there is none
	grace  time.Duration     // from the first interrupt until it cancels; 0: it waits for the worker
	say    func(text string) // nil: nothing is shown
	forced func()            // called before a forced exit; nil: nothing
}

// forcedTime is what an interrupt waits at most for what is called or shown on its way: a file
// or a terminal that hangs must not hold it up.
const forcedTime = 500 * time.Millisecond

// WatchInterrupts returns a context that interrupts end with the cause
// ErrInterrupted. The function that it returns last ends the watch.
func WatchInterrupts(parent context.Context) (context.Context, *Interrupts, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	i := &Interrupts{cancel: cancel}
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go i.listen(ctx, signals)
	return ctx, i, func() { signal.Stop(signals); cancel(nil) }
}

func (i *Interrupts) listen(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-signals:
			if ctx.Err() != nil {
				i.exit()
			}
			i.interrupt()
		case <-ctx.Done():
			if !i.Interrupted() {
				return
			}
			<-signals
			i.exit()
		}
	}
}

// BeforeExit has do called before a forced exit, which is one that waits for nothing else. It
// is called beside what hangs.
func (i *Interrupts) BeforeExit(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forced = do
}

// exit forces the exit.
func (i *Interrupts) exit() {
	i.mu.Lock()
	do := i.forced
	i.mu.Unlock()
	if do != nil {
		briefly(do)
	}
	os.Exit(ExitInterrupted)
}

// briefly calls do, and goes on beside it after forcedTime.
func briefly(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(forcedTime):
	}
}

// Tell has say called with what an interrupt does.
func (i *Interrupts) Tell(say func(text string)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.say = say
}

func (i *Interrupts) interrupt() {
	i.mu.Lock()
	first, finish := !i.hit, i.finish
	i.hit = true
	if first && finish != nil {
		close(finish)
		if i.grace > 0 {
			time.AfterFunc(i.grace, func() { i.cancel(ErrInterrupted) })
		}
	}
	say := i.say
	i.mu.Unlock()
	switch {
	case say == nil:
	case first && finish != nil:
		briefly(func() { say("finishing the tasks at work; interrupt again to stop at once") })
	default:
		briefly(func() { say("stopping") })
	}
	if !first || finish == nil {
		i.cancel(ErrInterrupted)
	}
}

// Interrupted says whether there was an interrupt.
func (i *Interrupts) Interrupted() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hit
}

// FirstFinishes says that a worker is in this process: the first interrupt closes
// the channel, and the worker ends by itself once its tasks are done, or is cancelled
// when a grace above 0 is over. It holds until the returned function is called.
func (i *Interrupts) FirstFinishes(grace time.Duration) (<-chan struct{}, func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.finish, i.grace = make(chan struct{}), grace
	if i.hit {
		close(i.finish)
	}
	return i.finish, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.finish = nil
	}
}

// ExitAfter forces the exit once an interrupt has cancelled ctx, the watch's own, and the
// program is not over after d: something hangs that no context ends. The function that it
// returns calls that off.
func (i *Interrupts) ExitAfter(ctx context.Context, d time.Duration) (callOff func()) {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			i.exit()
		case <-over:
		}
	})
	return func() { close(over) }
}
