package command

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/store"
)

func datasetsCommand(s *session) *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use:   "datasets",
		Short: "List the data sets known by name, and which are here",
		Long: `datasets lists the data sets that run --dataset takes by name: where each is
looked for, whether it is there, and what its makers allow. None is downloaded.

Your own stand in a file given by --datasets, or in
$XDG_CONFIG_HOME/facesieve/datasets.yaml:

  staff:
    data: /data/staff
    layout: folder
    description: Photographs of the staff
    licence: ours`,
		Example: `  coordinator datasets
  FACESIEVE_DATA=/data coordinator datasets
  coordinator datasets --datasets mine.yaml --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listDatasets(cmd.Context(), &s.console.out, file, s.store.s3)
		},
	}
	addCatalogueFlag(cmd.Flags(), &file)
	return cmd
}

// listDatasets prints the data sets of a catalogue.
func listDatasets(ctx context.Context, out *screen.Printer, file string, s3 store.S3Options) error {
	all, err := dataset.LoadCatalogue(ctx, file, s3)
	if err != nil {
		return err
	}
	for i, e := range all.Entries() {
		row := screen.Dataset{Name: e.Name, Data: e.Data, Layout: e.Layout, Aligned: e.Aligned,
			Description: e.Description, Licence: e.Licence, Source: e.Source}
		url, err := e.Locate()
		row.Looked = os.Expand(e.Data, func(v string) string {
			if x := os.Getenv(v); x != "" {
				return x
			}
			return "$" + v
		})
		if present := err == nil; !present || !strings.HasPrefix(url, "s3://") {
			row.Present = &present
		}
		if err := out.Either(row, screen.DatasetText(row, i == 0)); err != nil {
			return err
		}
	}
	return nil
}
