package dataset

import (
	"context"
	"hash/maphash"
	"slices"
)

// pathSet finds paths that stand twice in a table, in 8 bytes a path: paths
// whose hashes meet are compared in a second reading.
type pathSet struct {
	seed   maphash.Seed
	hashes []uint64
}

func (s *pathSet) add(path string) {
	if s.hashes == nil {
		s.seed = maphash.MakeSeed()
	}
	s.hashes = append(s.hashes, maphash.String(s.seed, path))
}

// check returns an error that names the first path that stands twice.
func (s *pathSet) check(ctx context.Context, t *table, col int) error {
	slices.Sort(s.hashes)
	met := map[uint64]bool{}
	for i := 1; i < len(s.hashes); i++ {
		if s.hashes[i] == s.hashes[i-1] {
			met[s.hashes[i]] = true
		}
	}
	s.hashes = nil
	if len(met) == 0 {
		return nil
	}
	first := map[string]int{}
	for r, err := range t.rows(ctx) {
		if err != nil {
			return err
		}
		path, err := r.text(col)
		if err != nil {
			return err
		}
		if !met[maphash.String(s.seed, path)] {
			continue
		}
		if position, ok := first[path]; ok {
			return r.failed("path %q stands twice, first at %d", path, position)
		}
		first[path] = r.position
	}
	return nil
}
