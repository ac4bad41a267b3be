package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/worker/program"
)

// strataFlags ask for what groups of a report's images lose.
type strataFlags struct {
	column, attributes string
}

// AddFlags defines the flags.
func (o *strataFlags) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&o.column, "strata", "",
		"show what groups of images lose: by size (of their label), pose or another column")
	f.StringVar(&o.attributes, "attributes", "",
		"a CSV or Arrow table with a column path or identity, and the one that --strata names")
}

// check refuses flags that say nothing together.
func (o *strataFlags) check(out string) error {
	switch {
	case o.attributes != "" && o.column == "":
		return program.Usagef("name the column of %s to group images by with --strata", o.attributes)
	case o.column != "" && out != "":
		return program.Usagef("--strata shows groups of images and --out copies the report: give one of them")
	}
	return nil
}

// show prints what the groups lose.
func (o *strataFlags) show(ctx context.Context, r *report.Report, s *session) error {
	losses, err := o.measure(ctx, r, s)
	if err != nil {
		return err
	}
	return s.console.out.Either(losses, strata.Text(losses))
}

func (o *strataFlags) measure(ctx context.Context, r *report.Report, s *session) (*strata.Losses, error) {
	if o.attributes == "" {
		losses, err := strata.ByColumn(ctx, r, o.column)
		var column *strata.ColumnError
		if errors.As(err, &column) {
			return nil, program.Usagef("--strata: %w; a column of a table of yours needs --attributes", err)
		}
		return losses, err
	}
	a, err := dataset.ReadAttributes(ctx, o.attributes, o.column, s.store.s3)
	switch {
	case errors.Is(err, dataset.ErrNoColumn):
		return nil, program.WithHint(err, "give a table with a column path or identity with --attributes, and name another "+
			"column of it with --strata")
	case err != nil:
		return nil, program.WithHint(err, "give a CSV or Arrow table with --attributes")
	}
	losses, err := strata.ByAttributes(ctx, r, a)
	if errors.Is(err, strata.ErrOtherSet) {
		key := "identity"
		if a.ByPath {
			key = "path"
		}
		return nil, program.WithHint(fmt.Errorf("%s: %w", o.attributes, err), "the column "+key+" of "+o.attributes+
			" holds what the column "+key+" of the report's images holds")
	}
	return losses, err
}
