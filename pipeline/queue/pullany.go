package queue

import (
	"context"
	"slices"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/facesieve/facesieve/schemas"
)

// pulls are those that a queue of several pools has open. A pull that is ended early may
// have a task on its way, which the server then gives to somebody else, and to whom it
// looks as if a worker had died at it. So the pull from one pool stays open when a task came
// from another, until the next caller takes it over, and a task that it brings meanwhile
// goes back with a word.
type pulls struct {
	mu      sync.Mutex
	waiting []chan pulled        // callers of pullAny, first come first
	open    map[schemas.Pool]int // at least as many as wait
	end     context.CancelFunc   // ends all that are open; nil: none was opened since
	live    context.Context      // of those that are open
	ended   *sync.WaitGroup      // once they are over
}

// pulled is what pullOnce returns.
type pulled struct {
	msg *nats.Msg
	err error
}

// pullAny waits for the first pull from any of the queue's pools to end, and returns what
// pullOnce does.
func (q *Queue) pullAny(ctx context.Context) (*nats.Msg, error) {
	if len(q.pools) == 1 {
		return q.pullOnce(ctx, q.pools[0])
	}
	if ctx.Err() != nil {
		q.EndPulls()
		return nil, context.Cause(ctx)
	}
	own := q.wait()
	select {
	case p := <-own:
		return p.msg, p.err
	case <-ctx.Done():
	}
	if left, last := q.pulls.leave(own); !left {
		if p := <-own; p.msg != nil {
			q.returnTask(p.msg)
		}
	} else if last {
		q.EndPulls()
	}
	return nil, context.Cause(ctx)
}

// wait puts a caller into the line, and opens the pulls that it needs.
func (q *Queue) wait() chan pulled {
	p := &q.pulls
	p.mu.Lock()
	defer p.mu.Unlock()
	own := make(chan pulled, 1)
	p.waiting = append(p.waiting, own)
	if p.end == nil {
		p.live, p.end = context.WithCancel(context.Background()) // outlives the caller
		p.open, p.ended = map[schemas.Pool]int{}, &sync.WaitGroup{}
	}
	for _, pool := range q.pools {
		for p.open[pool] < len(p.waiting) {
			p.open[pool]++
			live, open := p.live, p.open
			p.ended.Go(func() { q.pullFor(live, open, pool) })
		}
	}
	return own
}

// pullFor makes one pull and gives what it brings to the first who waits.
func (q *Queue) pullFor(live context.Context, open map[schemas.Pool]int, pool schemas.Pool) {
	msg, err := q.pullOnce(live, pool)
	p := &q.pulls
	p.mu.Lock()
	open[pool]--
	var first chan pulled
	if len(p.waiting) > 0 && (live.Err() == nil || msg != nil) {
		first, p.waiting = p.waiting[0], p.waiting[1:]
	}
	p.mu.Unlock()
	if first != nil {
		first <- pulled{msg, err}
	} else if msg != nil {
		q.returnTask(msg)
	}
}

// leave takes a caller out of the line, unless it has been given something, and says
// whether it was the last one.
func (p *pulls) leave(own chan pulled) (left, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, own)
	if i < 0 {
		return false, false
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return true, len(p.waiting) == 0
}

// EndPulls ends the pulls that nobody waits for any more. A worker calls it before it
// goes; a task that was on its way is given back.
func (q *Queue) EndPulls() {
	p := &q.pulls
	p.mu.Lock()
	end, ended := p.end, p.ended
	if len(p.waiting) > 0 {
		end = nil
	} else {
		p.end = nil
	}
	p.mu.Unlock()
	if end != nil {
		end()
		ended.Wait()
	}
}

// returnTask gives back a task that nobody has worked on. What fails here comes back when
// AckWait is over.
func (q *Queue) returnTask(msg *nats.Msg) {
	ctx, stop := context.WithTimeout(context.Background(), drainTime)
	defer stop()
	if d, err := parseDelivery(msg); err == nil {
		_ = q.refuse(ctx, d, nak(0))
	}
}
