package dataset

import (
	"context"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// ReadOverrides reads a person's decisions from the file at a path, file:// or
// s3:// URL: columns path, decision (keep, drop, relabel, review) and identity
// (the new label of a relabel), CSV or Arrow IPC; other columns are ignored. Text
// stands as reports write it (schemas.EscapePath), so that rows of a report can be
// edited and given back; Arrow's binary columns hold raw bytes. The decisions come
// sorted, with their digest.
func ReadOverrides(ctx context.Context, url string, s3 store.S3Options) (
	[]schemas.Override, schemas.Digest, error) {
	all, err := readOverrides(ctx, url, s3)
	if err != nil {
		return nil, "", origin.Errorf("dataset", "overrides: %w", err)
	}
	schemas.SortOverrides(all)
	return all, schemas.OverridesDigest(all), nil
}

func readOverrides(ctx context.Context, url string, s3 store.S3Options) ([]schemas.Override, error) {
	var all []schemas.Override
	first := map[string]int{}
	err := eachRow(ctx, url, s3, func(r record) error {
		o, err := override(r)
		if err != nil {
			return err
		}
		if position, ok := first[o.Path]; ok {
			return r.failed("path %q stands twice, first at %d", o.Path, position)
		}
		first[o.Path] = r.position
		all = append(all, o)
		return nil
	}, "path", "decision")
	return all, err
}

// override makes and checks a row.
func override(r record) (o schemas.Override, err error) {
	if o.Path, err = rawText(r, r.table.column("path")); err != nil {
		return o, err
	}
	decision, err := r.text(r.table.column("decision"))
	if err != nil {
		return o, err
	}
	o.Decision = schemas.Decision(decision)
	switch o.Decision {
	case schemas.Keep, schemas.Drop, schemas.Review:
	case schemas.Relabel:
		if o.Identity, err = rawText(r, r.table.column("identity")); err == nil && o.Identity == "" {
			err = r.failed("relabel of %q needs the new label in column identity", o.Path)
		}
		if err == nil && strings.ContainsRune(o.Identity, 0) {
			err = r.failed("identity %q holds a zero byte", o.Identity)
		}
	default:
		err = r.failed("decision %.40q: one of keep, drop, relabel, review", decision)
	}
	if err == nil && o.Path == "" {
		err = r.failed("no path")
	}
	return o, err
}

// rawText returns the raw bytes of a column whose text is escaped.
func rawText(r record, col int) (string, error) {
	s, err := r.text(col)
	if err != nil || r.isBinary(col) {
		return s, err
	}
	raw, err := schemas.UnescapePath(s)
	if err != nil {
		return "", r.failed("%w; write a %% as %%25", err)
	}
	return raw, nil
}
