package plan

import (
	"context"
	"io"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// listing is the listing of one source, from which its plan is made.
type listing struct {
	store       store.Store
	request     SourceRequest
	shardImages int
	dry         bool            // nothing is stored
	unmet       map[string]bool // paths of overrides that are not met yet
	listed      func(images int)

	hasher      *schemas.SourceHasher
	cut         *cutter
	labels      []schemas.Identity
	precomputed *precomputedVectors // nil: the source has images
	plan        schemas.PlanSource
	spec        schemas.SourceSpec
	location    schemas.SourceLocation
}

func (l *listing) list(ctx context.Context, embed *schemas.EmbedSpec) error {
	l.hasher = schemas.NewSourceHasher()
	l.plan = schemas.PlanSource{Name: l.request.Name}
	l.cut = newCutter(l.shardImages, func(rows []schemas.Image, ids []schemas.Identity) error {
		return l.shard(ctx, rows, ids)
	})
	var err error
	if l.request.Vectors != "" {
		err = l.listVectors(ctx, embed)
	} else {
		err = l.listImages(ctx)
	}
	if err != nil {
		return err
	}
	if err := l.cut.close(); err != nil {
		return err
	}
	l.plan.Labels = schemas.LabelsID(l.labels)
	l.plan.Identities = len(l.labels)
	l.spec = schemas.SourceSpec{Name: l.request.Name, Digest: l.hasher.Sum(), Images: l.plan.Images,
		Aligned: l.request.Aligned && l.request.Vectors == "", Precomputed: l.request.Vectors != "",
		SecondLooks: l.spec.SecondLooks}
	if l.dry {
		return nil
	}
	return runstore.PutTable(ctx, l.store, schemas.LabelsObject(l.plan.Labels), func(w io.Writer) error {
		return schemas.WriteLabels(w, l.labels)
	})
}

// listImages streams a data set's rows, identity by identity, into shards.
func (l *listing) listImages(ctx context.Context) error {
	d, err := dataset.Open(ctx, l.request.Dataset)
	if err != nil {
		return err
	}
	l.request.Aligned = l.request.Aligned || d.Aligned()
	var rows []schemas.Image
	landmarks := false
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		label := rows[0].Identity
		err := l.identity(schemas.Identity{Label: label, Name: d.Name(label), Images: len(rows)}, rows)
		rows = nil
		return err
	}
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].Identity != row.Identity {
			if err := flush(); err != nil {
				return err
			}
		}
		l.hasher.Add(row)
		delete(l.unmet, row.Path)
		landmarks = landmarks || row.Landmarks != nil
		rows = append(rows, row)
	}
	if err := flush(); err != nil {
		return err
	}
	if l.request.NeedsLandmarks && !landmarks && l.plan.Images > 0 {
		return origin.Errorf("pipeline", "%s: %w are listed for any of its %d images, and no detector runs",
			d.URL(), ErrNoLandmarks, l.plan.Images)
	}
	for _, s := range d.Skipped() {
		if l.plan.Skipped == nil {
			l.plan.Skipped = map[string]int{}
		}
		l.plan.Skipped[s.Reason] += s.Count
	}
	s3 := l.request.Dataset.S3
	l.location = schemas.SourceLocation{Name: l.request.Name, URL: d.URL(), Layout: d.Layout(),
		Endpoint: s3.Endpoint, Region: s3.Region}
	return nil
}

func (l *listing) identity(id schemas.Identity, rows []schemas.Image) error {
	if n := len(l.labels); n > 0 && l.labels[n-1].Label >= id.Label {
		return origin.Errorf("pipeline",
			"the listing gives identity %s after %s; its rows must be sorted by identity",
			schemas.EscapePath(id.Label), schemas.EscapePath(l.labels[n-1].Label))
	}
	l.hasher.AddIdentity(id)
	l.labels = append(l.labels, id)
	l.plan.Images += len(rows)
	l.listed(len(rows))
	return l.cut.add(id, rows)
}

// shard stores one shard's rows and adds it to the plan.
func (l *listing) shard(ctx context.Context, rows []schemas.Image, ids []schemas.Identity) error {
	sh := schemas.Shard{Source: l.request.Name, Index: len(l.plan.Shards), Rows: schemas.RowsID(rows),
		Images: len(rows), Identities: len(ids), First: schemas.EscapePath(ids[0].Label),
		Parts: parts(rows, ids, schemas.MaxPart)}
	l.plan.Shards = append(l.plan.Shards, sh)
	if l.dry {
		return nil
	}
	if l.precomputed != nil {
		if err := l.precomputed.store(ctx, l.store, sh, rows); err != nil {
			return err
		}
	}
	return runstore.PutTable(ctx, l.store, schemas.RowsObject(sh.Rows), func(w io.Writer) error {
		return schemas.WriteRows(w, rows)
	})
}
