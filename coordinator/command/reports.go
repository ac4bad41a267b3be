package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// severalError says that a store has several reports and none was named.
type severalError struct {
	url  string
	runs []schemas.RunID
}

// Error returns the runs.
func (e *severalError) Error() string {
	list := make([]string, 0, len(e.runs))
	for _, r := range e.runs {
		list = append(list, string(r))
	}
	return fmt.Sprintf("%d reports in %s; name one: %s", len(e.runs), e.url, strings.Join(list, ", "))
}

// listReports prints of each of a store's reports what it is of, when it was made and
// what it found.
func listReports(ctx context.Context, e *severalError, s *session) error {
	st, err := s.store.openExisting(ctx)
	if err != nil {
		return err
	}
	all, err := admin.Status(ctx, st)
	if err != nil {
		return err
	}
	for _, run := range all {
		if !slices.Contains(e.runs, run.ID) {
			continue
		}
		r, err := report.Open(ctx, st, run.ID, report.Options{S3: s.store.s3})
		row := screen.ReportLine{Run: run.ID, Written: run.Written, Data: screen.DataOf(run)}
		switch {
		case ctx.Err() != nil:
			return err
		case err == nil:
			row.Summary = r.Summary()
		default: // of another version: the others are shown none the less
			row.Unread = origin.Text(err)
		}
		if err := s.console.out.Either(row, screen.ReportLineText(row)); err != nil {
			return err
		}
	}
	if s.console.out.JSON {
		return nil
	}
	return s.console.out.Text("Next: name one\n  %s report RUNID%s\n", s.caller.name(), s.store.again())
}
