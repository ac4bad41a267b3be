package admin

import (
	"slices"
	"time"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// watchedStages are the stages of the run that leave a trace in the store, in their order.
func (w *Watch) watchedStages() []schemas.Stage {
	stages := []schemas.Stage{schemas.StageEmbed}
	if len(w.run.LookTasks(schemas.StageSecondLook)) > 0 {
		stages = append(stages, schemas.StageDoubtful, schemas.StageSecondLook)
	}
	return append(stages, schemas.StageAggregate, schemas.StageMatch, schemas.StageNearest, schemas.StageNeighbours,
		schemas.StageNearDuplicates, schemas.StageCalibrate, schemas.StageJudge, schemas.StageReport)
}

// completion is a task that was done.
type completion struct {
	at     time.Time
	images int
}

// rateOf returns the images a second of the last rateSpan, or of the last rateTasks where
// fewer were done in it; 0: too few were done to tell.
func rateOf(done []completion, now time.Time) float64 {
	done = slices.DeleteFunc(slices.Clone(done), func(c completion) bool { return now.Sub(c.at) > staleRate })
	slices.SortFunc(done, func(a, b completion) int { return a.at.Compare(b.at) })
	first := max(1, len(done)-rateTasks) // of those that count; the one before it starts the clock
	for first > 1 && now.Sub(done[first-1].at) <= rateSpan {
		first--
	}
	if first >= len(done) {
		return 0
	}
	images, took := 0, now.Sub(done[first-1].at).Seconds()
	for _, c := range done[first:] {
		images += c.images
	}
	if took <= 0 {
		return 0
	}
	return float64(images) / took
}

// stage returns how far a stage is, and which of its tasks were done when.
func (w *Watch) stage(stage schemas.Stage, seen *sighting) (StageLook, []completion) {
	s := StageLook{Stage: stage}
	var finished []completion
	for _, t := range w.tasks(stage, seen) {
		images := w.images(t)
		s.Tasks++
		s.Images += images
		switch at := seen.done[t.Name()]; {
		case !at.IsZero():
			s.Done++
			s.ImagesDone += images
			finished = append(finished, completion{at, images})
		case seen.failed[t.Name()] != "":
			s.Failed++
		}
	}
	return s, finished
}

// tasks are those of a stage, or one that stands for what the coordinator does.
func (w *Watch) tasks(stage schemas.Stage, seen *sighting) (all []schemas.Task) {
	switch stage {
	case schemas.StageEmbed:
		for _, src := range w.run.Plan.Sources {
			for _, sh := range src.Shards {
				for p := range sh.Parts {
					all = append(all, schemas.Task{Run: w.Run, Stage: stage, Source: src.Name, Shard: sh.Index, Part: p})
				}
			}
		}
	case schemas.StageDoubtful, schemas.StageSecondLook:
		for _, t := range w.run.LookTasks(stage) {
			if !seen.lost(t) {
				all = append(all, t)
			}
		}
	case schemas.StageMatch, schemas.StageNearest, schemas.StageJudge:
		for _, sh := range w.run.Set().Shards {
			t := schemas.Task{Run: w.Run, Stage: stage, Shard: sh.Index}
			if !seen.lost(t) {
				all = append(all, t)
			}
		}
	case schemas.StageNeighbours:
		for g := range max(1, seen.groups) {
			all = append(all, schemas.Task{Run: w.Run, Stage: stage, Shard: g})
		}
	default:
		all = append(all, schemas.Task{Run: w.Run, Stage: stage})
	}
	return all
}

// images are those of a task; of a group of lists nobody knows them.
func (w *Watch) images(t schemas.Task) int {
	switch t.Stage {
	case schemas.StageNeighbours, schemas.StageNumericKind:
		return 0
	case schemas.StageAggregate, schemas.StageNearDuplicates:
		return w.run.Images()
	case schemas.StageCalibrate, schemas.StageReport:
		return w.run.Set().Images
	}
	sh, err := w.run.Shard(runstore.ShardKey{Source: t.Source, Shard: t.Shard})
	switch {
	case err != nil:
		return 0
	case t.Stage == schemas.StageEmbed && t.Part < len(sh.Parts):
		return sh.Parts[t.Part].End - sh.Parts[t.Part].Start
	}
	return sh.Images
}
