package admin

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// needed is what the kept runs need.
type needed struct {
	names   map[string]bool // of objects
	folders map[string]bool // of which everything is needed
	shared  bool            // everything outside of runs/ is needed
}

// object says whether an object is needed, or is not of the store's own.
func (n *needed) object(name string) bool {
	first, rest, _ := strings.Cut(name, "/")
	second, _, _ := strings.Cut(rest, "/")
	inRuns := first+"/" == schemas.RunsFolder
	notOurs := inRuns && schemas.RunID(second).Validate() != nil
	return n.names[name] || notOurs || n.shared && !inRuns || n.folders[first+"/"+second+"/"]
}

// run adds what a run needs, where it is kept (why), and returns why it is kept
// after all.
func (n *needed) run(ctx context.Context, st store.Store, r storedRun, why string) (string, error) {
	run, err := runstore.Load(ctx, st, r.id)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case errors.Is(err, schemas.ErrVersion):
		why, n.shared = WhyForeign, true
	case why == WhyUnkept: // whatever is wrong with it
	case err == nil:
		if err := n.reach(ctx, run); err != nil {
			return "", err
		}
	case missing && why == WhyAll:
		why = WhyUnkept // without a spec it can't go on
	case missing && why != WhyNamed: // it is only just beginning
	default:
		return "", err
	}
	n.folders[schemas.RunFolder(r.id)] = why != WhyUnkept
	return why, nil
}

// reach adds the names of all objects outside of its folder that a run needs.
func (n *needed) reach(ctx context.Context, run *runstore.Run) error {
	for _, d := range []schemas.Digest{run.Spec.Embed.Model, run.Spec.Embed.Detector} {
		if d != "" {
			n.names[schemas.ModelObject(d)] = true
		}
	}
	if d := run.Spec.Judge.Overrides; d != "" {
		n.names[schemas.OverridesObject(d)] = true
	}
	if d := run.Spec.Judge.Prior; d != "" {
		n.names[schemas.PriorObject(d)] = true
	}
	if run.LooksAgain(schemas.Set) {
		n.folders[schemas.DoubtSet(run.DoubtID())] = true
	}
	for _, src := range run.Plan.Sources {
		n.names[schemas.LabelsObject(src.Labels)] = true
		for _, sh := range src.Shards {
			n.names[schemas.RowsObject(sh.Rows)] = true
			for _, p := range sh.Parts {
				if err := n.reachVectors(ctx, run.Store, run.Pointer(src.Name, p)); err != nil {
					return err
				}
			}
		}
	}
	return n.reachLooks(ctx, run)
}

// reachLooks adds the second looks at the run's images, which other runs of the same
// images share.
func (n *needed) reachLooks(ctx context.Context, run *runstore.Run) error {
	for _, t := range run.LookTasks(schemas.StageSecondLook) {
		sh, err := run.Shard(runstore.ShardKey{Source: t.Source, Shard: t.Shard})
		if err != nil {
			return err
		}
		if run.Precomputed(t.Source) {
			for _, p := range sh.Parts {
				n.names[run.GivenLooksObject(p)] = true
			}
		}
		names, err := run.LookObjects(ctx, sh)
		if err != nil {
			return err
		}
		for _, name := range names {
			n.names[name] = true
		}
	}
	return nil
}

// reachVectors adds a pointer, where there is one, and the family of the vectors
// it points to: a report may refer to an earlier one of the same images.
func (n *needed) reachVectors(ctx context.Context, st store.Store, pointer string) error {
	if n.names[pointer] {
		return nil
	}
	var ptr schemas.Pointer
	err := runstore.GetJSON(ctx, st, pointer, &ptr)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not embedded yet
	}
	if err != nil {
		return err
	}
	n.names[pointer], n.folders[schemas.VectorsFamily(ptr.Family)] = true, true
	return nil
}
