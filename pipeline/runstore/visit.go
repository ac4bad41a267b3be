package runstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Visit calls f with each shard that wanted names and what is wanted there, one
// after the other, so that a task reads each shard once however many of its images ask
// for it. A shard that the task holds already (held, by its key) is not read. Those that
// are in memory come first, before reading others drives them out: what f does must not
// depend on the order of shards. The first error ends it.
func (s *Shards) Visit(ctx context.Context, held map[ShardKey]*LabelledShard, wanted map[ShardKey][]int,
	f func(key ShardKey, v *LabelledShard, wanted []int) error) error {
	for _, key := range s.memoryFirst(slices.SortedFunc(maps.Keys(wanted), compareKeys)) {
		v := held[key]
		if v == nil {
			var err error
			if v, err = s.Get(ctx, key); err != nil {
				return err
			}
		}
		if err := f(key, v, wanted[key]); err != nil {
			return err
		}
	}
	return nil
}

// memoryFirst returns keys with those of the shards in memory first.
func (s *Shards) memoryFirst(keys []ShardKey) []ShardKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortStableFunc(keys, func(a, b ShardKey) int {
		switch inA, inB := s.kept[a] != nil, s.kept[b] != nil; {
		case inA == inB:
			return 0
		case inA:
			return -1
		}
		return 1
	})
	return keys
}

func compareKeys(a, b ShardKey) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Shard, b.Shard))
}
