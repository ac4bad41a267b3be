package plan

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/facesieve/facesieve/schemas"
)

// cutter cuts a source's identities, taken in order, into shards. An identity
// ends a shard where the hash of its label is the lowest among the identities
// that end within half a shard of images before or after it. A boundary thus
// depends on the identities near it alone: one more identity changes the shards
// around it and no other, so that a grown set embeds little again.
type cutter struct {
	window int // images on either side
	emit   func(rows []schemas.Image, ids []schemas.Identity) error

	pending []cutIdentity // not emitted yet, in order
	past    []cutIdentity // emitted, but within the window of one that is not decided
	decided int           // pending[:decided] are known not to end a shard
	end     int           // images so far
}

type cutIdentity struct {
	id   schemas.Identity
	hash uint64
	end  int // images of the source up to the last of this identity
	rows []schemas.Image
}

func newCutter(shardImages int, emit func([]schemas.Image, []schemas.Identity) error) *cutter {
	return &cutter{window: max(1, shardImages/2), emit: emit}
}

// add takes the next identity with all its rows.
func (c *cutter) add(id schemas.Identity, rows []schemas.Image) error {
	sum := sha256.Sum256([]byte(id.Label))
	c.end += len(rows)
	c.pending = append(c.pending,
		cutIdentity{id: id, hash: binary.BigEndian.Uint64(sum[:8]), end: c.end, rows: rows})
	return c.settle(false)
}

// close emits what is left.
func (c *cutter) close() error {
	if err := c.settle(true); err != nil {
		return err
	}
	return c.cut(len(c.pending))
}

// settle decides, for every pending identity whose surroundings are known,
// whether a shard ends with it.
func (c *cutter) settle(last bool) error {
	for c.decided < len(c.pending) {
		p := c.pending[c.decided]
		if !last && c.end-p.end <= c.window {
			return nil
		}
		c.decided++
		if c.lowest(c.decided - 1) {
			if err := c.cut(c.decided); err != nil {
				return err
			}
		}
	}
	return nil
}

// lowest says whether pending[k] has the lowest hash within the window; of equal
// ones the first.
func (c *cutter) lowest(k int) bool {
	p := c.pending[k]
	for i := k - 1; i >= 0; i-- {
		q := c.pending[i]
		if p.end-q.end > c.window {
			break
		}
		if q.hash <= p.hash {
			return false
		}
	}
	for i := len(c.past) - 1; i >= 0; i-- {
		q := c.past[i]
		if p.end-q.end > c.window {
			break
		}
		if q.hash <= p.hash {
			return false
		}
	}
	for _, q := range c.pending[k+1:] {
		if q.end-p.end > c.window {
			break
		}
		if q.hash < p.hash {
			return false
		}
	}
	return true
}

// cut emits the first n pending identities as one shard.
func (c *cutter) cut(n int) error {
	if n == 0 {
		return nil
	}
	var rows []schemas.Image
	ids := make([]schemas.Identity, 0, n)
	for i, p := range c.pending[:n] {
		rows = append(rows, p.rows...)
		ids = append(ids, p.id)
		c.pending[i].rows = nil
	}
	c.past = append(c.past, c.pending[:n]...)
	keep := 0
	for keep < len(c.past) && c.end-c.past[keep].end > 2*c.window {
		keep++
	}
	c.past = append([]cutIdentity(nil), c.past[keep:]...)
	c.pending = append([]cutIdentity(nil), c.pending[n:]...)
	c.decided = 0
	return c.emit(rows, ids)
}

// parts cuts a shard's rows into embed tasks: one, unless an identity has more
// than most images.
func parts(rows []schemas.Image, ids []schemas.Identity, most int) []schemas.Part {
	size := len(rows)
	for _, id := range ids {
		if id.Images > most {
			size = most
		}
	}
	var out []schemas.Part
	for start := 0; start < len(rows); start += size {
		end := min(start+size, len(rows))
		out = append(out, schemas.Part{Start: start, End: end, Listed: schemas.ListedID(rows[start:end])})
	}
	return out
}
