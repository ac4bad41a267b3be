package command

import (
	"context"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/worker/engine"
	"github.com/facesieve/facesieve/worker/program"
)

func modelsCommand(s *session) *cobra.Command {
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
		RunE: func(*cobra.Command, []string) error { return listModels(&s.console.out, s.caller, flags) },
	}
	flags.AddModelsFlag(cmd.PersistentFlags())
	cmd.AddCommand(&cobra.Command{
		Use:   "pull NAME...",
		Short: "Download models and check their hashes",
		Long: `pull downloads models into the folder of models and checks their hashes. A
download that was cut goes on where it ended.`,
		Example: `  coordinator models pull mobilefacenet yunet
  coordinator models pull arcface-r100 --models /data/models`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return pullModels(cmd.Context(), &s.console, flags, args)
		},
	})
	return cmd
}

// listModels prints the models known by name, and which are in a folder of models.
func listModels(out *screen.Printer, c caller, flags *engine.Flags) error {
	cache, err := flags.Cache()
	if err != nil {
		return err
	}
	if !out.JSON {
		if err := out.Text("%s", screen.ModelsHeader()); err != nil {
			return err
		}
	}
	for _, m := range embed.Models() {
		row := shownModel(m)
		if !row.BuiltIn {
			if row.Path, err = cache.Find(m.SHA256); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := out.Either(row, screen.ModelText(row, c.name()+" models pull "+row.Name)); err != nil {
			return err
		}
	}
	return nil
}

// pullModels downloads models into the folder of models.
func pullModels(ctx context.Context, c *console, flags *engine.Flags, names []string) error {
	cache, err := flags.Cache()
	if err != nil {
		return err
	}
	models, err := toPull(&c.out, names)
	if err != nil || len(models) == 0 {
		return err
	}
	ui := c.progress()
	defer ui.Close()
	var rows []screen.Model
	for _, m := range models {
		row := shownModel(m)
		row.Path, err = cache.Pull(ctx, m, func(done, total int64) { ui.Download(m.Name, done, total) })
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	ui.Close()
	for _, row := range rows {
		if err := c.out.Either(row, row.Path+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// toPull are the named models that are no part of this program. It says which are.
func toPull(out *screen.Printer, names []string) ([]embed.Model, error) {
	var models []embed.Model
	for _, name := range names {
		m, err := embed.Resolve(name)
		if err == nil && m.Data != nil {
			if err := out.Either(shownModel(m),
				m.Name+" is part of this program: nothing needs to be pulled\n"); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil || m.URL == "" {
			return nil, program.Usagef("no model %q to pull; coordinator models lists them", name)
		}
		models = append(models, m)
	}
	return models, nil
}

// shownModel is a model as it is shown, its path left out.
func shownModel(m embed.Model) screen.Model {
	return screen.Model{Name: m.Name, Role: string(m.Role), Bytes: m.Bytes, SHA256: string(m.SHA256),
		Licence: m.Licence, TrainedOn: m.TrainedOn,
		URL: m.URL, BuiltIn: m.Data != nil}
}
