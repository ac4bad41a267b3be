package photo

import "sync"

// smallDecode is the working memory below which a decode takes nothing from a
// budget: photographs of a megapixel never wait for one another.
const smallDecode = 16 << 20

// Budget is working memory that decoders at work at the same time share. The
// zero value and nil hold nobody back.
type Budget struct {
	mu    sync.Mutex
	freed sync.Cond
	total int64
	used  int64
}

// NewBudget makes a budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	b := &Budget{total: bytes}
	b.freed.L = &b.mu
	return b
}

// take waits until so many bytes are free and holds them until release is
// called. A need above the whole budget waits until nothing else is held.
func (b *Budget) take(bytes int64) (release func()) {
	if b == nil || b.total <= 0 || bytes < smallDecode {
		return func() {}
	}
	b.mu.Lock()
	for b.used > 0 && b.used+bytes > b.total {
		b.freed.Wait()
	}
	b.used += bytes
	b.mu.Unlock()
	return func() {
		b.mu.Lock()
		b.used -= bytes
		b.mu.Unlock()
		b.freed.Broadcast()
	}
}
