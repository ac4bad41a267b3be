package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/worker/engine"
)

func (a *app) modelsCommand() *cobra.Command {
	flags := &engine.Flags{}
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models known by name, and which are here",
		Long: `models lists the models that run --model and --detector take by name. Each is
pinned by its hash and pulled on first use; a file is found by its hash,
whatever its name. On a machine without network put the files into a folder and
give it with --models. The model builtin is part of this program; it was trained
on drawn faces, and is not for photographs.

Any other ONNX file can be given by its path; its contract stands beside it in
PATH.json.`,
		Example: `  coordinator models
  coordinator models pull sface
  coordinator models --models /data/models`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.listModels(flags) },
	}
	cmd.PersistentFlags().StringVar(&flags.Models, "models", "", "folder of model files, found by their hash; default $XDG_CACHE_HOME/facesieve/models")
	cmd.AddCommand(&cobra.Command{
		Use:   "pull NAME...",
		Short: "Download models and check their hashes",
		Long: `pull downloads models into the folder of models and checks their hashes. A
download that was cut goes on where it ended.`,
		Example: `  coordinator models pull mobilefacenet yunet
  coordinator models pull arcface-r100 --models /data/models`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.pull(cmd.Context(), flags, args) },
	})
	return cmd
}

// modelRow is a model as models shows it.
type modelRow struct {
	Name      string     `json:"name"`
	Role      embed.Role `json:"role"`
	Bytes     int64      `json:"bytes"`
	SHA256    string     `json:"sha256"`
	Licence   string     `json:"licence"`
	TrainedOn string     `json:"trained_on"`
	URL       string     `json:"url,omitempty"`
	Path      string     `json:"path,omitempty"`     // where it is
	BuiltIn   bool       `json:"built_in,omitempty"` // it is part of this program; else without a path it is not here
}

func rowOf(m embed.Model) modelRow {
	return modelRow{m.Name, m.Role, m.Bytes, string(m.SHA256), m.Licence, m.TrainedOn, m.URL, "", m.Data != nil}
}

func (a *app) listModels(flags *engine.Flags) error {
	cache, err := flags.Cache()
	if err != nil {
		return err
	}
	if !a.json {
		if err := a.print("%-14s %-7s %8s  %-11s %s\n", "name", "role", "size", "licence", "here"); err != nil {
			return err
		}
	}
	for _, m := range embed.Models() {
		row := rowOf(m)
		if !row.BuiltIn {
			if row.Path, err = cache.Find(m.SHA256); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := a.printModel(row, a.modelText(row)); err != nil {
			return err
		}
	}
	return nil
}

// printModel prints a model for a machine, or what a person is told of it.
func (a *app) printModel(r modelRow, text string) error {
	if a.json {
		return a.printJSON(r)
	}
	return a.print("%s", text)
}

// modelText is one model for a person.
func (a *app) modelText(r modelRow) string {
	here := "no: " + a.called() + " models pull " + r.Name
	switch {
	case r.BuiltIn:
		here = "yes, built in"
	case r.Path != "":
		here = "yes"
	}
	return fmt.Sprintf("%-14s %-7s %8s  %-11s %s\n", r.Name, r.Role, size(r.Bytes), r.Licence, here) +
		wrap("trained on "+r.TrainedOn, "               ", textWidth)
}

// pull downloads models.
func (a *app) pull(ctx context.Context, flags *engine.Flags, names []string) error {
	cache, err := flags.Cache()
	if err != nil {
		return err
	}
	var models []embed.Model
	for _, name := range names {
		m, err := embed.Resolve(name)
		if err == nil && m.Data != nil {
			if err := a.printModel(rowOf(m), m.Name+" is part of this program: nothing needs to be pulled\n"); err != nil {
				return err
			}
			continue
		}
		if err != nil || m.URL == "" {
			return fmt.Errorf("%w: no model %q to pull; coordinator models lists them", errUsage, name)
		}
		models = append(models, m)
	}
	if len(models) == 0 {
		return nil
	}
	ui := newDisplay(a)
	defer ui.close()
	var rows []modelRow
	for _, m := range models {
		path, err := cache.Pull(ctx, m, func(done, total int64) { ui.download(m.Name, done, total) })
		if err != nil {
			return err
		}
		row := rowOf(m)
		row.Path = path
		rows = append(rows, row)
	}
	ui.close()
	for _, row := range rows {
		if err := a.printModel(row, row.Path+"\n"); err != nil {
			return err
		}
	}
	return nil
}
