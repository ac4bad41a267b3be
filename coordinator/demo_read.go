package main

import (
	"context"

	"github.com/facesieve/facesieve/coordinator/demo"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// readReport reads the tables of a run's report.
func readReport(ctx context.Context, st store.Store, run schemas.RunID) (r *demo.Report, err error) {
	r = &demo.Report{}
	for info, err := range st.List(ctx, schemas.ReportObject(run, schemas.ImagesFolder)) {
		if err != nil {
			return nil, err
		}
		rows, err := readTable(ctx, st, info.Name, schemas.ReadVerdicts)
		if err != nil {
			return nil, err
		}
		r.Images = append(r.Images, rows...)
	}
	if r.Pairs, err = readTable(ctx, st, schemas.ReportObject(run, schemas.PairsFile), schemas.ReadPairs); err != nil {
		return nil, err
	}
	if r.Identities, err = readTable(ctx, st, schemas.ReportObject(run, schemas.IdentitiesFile), schemas.ReadIdentities); err != nil {
		return nil, err
	}
	r.Overlaps, err = readTable(ctx, st, schemas.ReportObject(run, schemas.OverlapFile), schemas.ReadOverlaps)
	return r, err
}
