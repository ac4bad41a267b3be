package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/pipeline/dataset"
)

func (a *app) datasetsCommand() *cobra.Command {
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
		RunE: func(cmd *cobra.Command, _ []string) error { return a.datasets(cmd.Context(), file) },
	}
	cmd.Flags().StringVar(&file, "datasets", "", "a catalogue of your own; default $XDG_CONFIG_HOME/facesieve/datasets.yaml")
	return cmd
}

// datasetRow is a data set as datasets shows it.
type datasetRow struct {
	Name        string `json:"name"`
	Present     *bool  `json:"present"` // null: in a bucket, nobody has looked
	Data        string `json:"data"`
	Looked      string `json:"looked,omitempty"`
	Layout      string `json:"layout,omitempty"`
	Aligned     bool   `json:"aligned,omitempty"`
	Description string `json:"description,omitempty"`
	Licence     string `json:"licence,omitempty"`
	Source      string `json:"source,omitempty"`
}

func (a *app) datasets(ctx context.Context, file string) error {
	all, err := dataset.LoadCatalogue(ctx, file, a.s3)
	if err != nil {
		return err
	}
	for i, e := range all.Entries() {
		row := datasetRow{Name: e.Name, Data: e.Data, Layout: e.Layout, Aligned: e.Aligned, Description: e.Description, Licence: e.Licence, Source: e.Source}
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
		if a.json {
			err = a.printJSON(row)
		} else {
			err = a.print("%s", datasetText(row, i == 0))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// datasetText is one data set for a person.
func datasetText(r datasetRow, first bool) string {
	here := "in a bucket"
	switch {
	case r.Present != nil && *r.Present:
		here = "present"
	case r.Present != nil:
		here = "not there"
	}
	var b strings.Builder
	if !first {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%-14s  %-9s  %s", r.Name, here, r.Looked)
	if strings.Contains(r.Looked, "$FACESIEVE_DATA") {
		b.WriteString("  ($FACESIEVE_DATA is not set)")
	}
	b.WriteString("\n")
	for _, line := range []string{r.Description, prefixed("licence: ", r.Licence), prefixed("get it: ", r.Source)} {
		if line != "" {
			b.WriteString(wrap(line, "                ", textWidth))
		}
	}
	return b.String()
}

// prefixed is text with a prefix, or nothing.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
