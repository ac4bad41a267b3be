package schemas

import "slices"

// Pool is a group of stages whose tasks queue together, so that a worker may take the
// tasks of one pool alone.
type Pool string

// The pools.
const (
	PoolImages  Pool = "images"  // numeric-kind, embed and second-look: they read images and need an engine
	PoolVectors Pool = "vectors" // doubtful, match, nearest, neighbours and judge: they need neither
)

// Pools returns every pool, in the order in which a run needs them.
func Pools() []Pool { return []Pool{PoolImages, PoolVectors} }

// Stages returns the pool's stages that have tasks, in a run's order.
func (p Pool) Stages() []Stage {
	if p == PoolImages {
		return []Stage{StageNumericKind, StageEmbed, StageSecondLook}
	}
	return []Stage{StageDoubtful, StageMatch, StageNearest, StageNeighbours, StageJudge}
}

// Pool returns the pool that the stage's tasks are of.
func (s Stage) Pool() Pool {
	if slices.Contains(PoolImages.Stages(), s) {
		return PoolImages
	}
	return PoolVectors
}
