package command

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/worker/engine"
	"github.com/facesieve/facesieve/worker/program"
)

func versionCommand(s *session) *cobra.Command {
	flags := &engine.Flags{}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show this program's version and what it computes with",
		Long: `version shows this program's version, the Go release and the machine it was
built for, and the ONNX Runtime library that it would compute with. Without one
the engine gorgonia runs models of plain convolutions.`,
		Example: `  coordinator version
  coordinator version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return printVersion(&s.console.out, s.version, flags)
		},
	}
	flags.AddRuntimeFlag(cmd.Flags())
	return cmd
}

// printVersion prints a version, and what an engine with that library of ONNX
// Runtime computes with.
func printVersion(out *screen.Printer, version string, flags *engine.Flags) error {
	v := struct {
		Version string `json:"version"`
		Go      string `json:"go"`
		System  string `json:"system"`
		Engine  string `json:"engine"`            // that computes where none is named
		Library string `json:"library,omitempty"` // of ONNX Runtime
		Missing string `json:"missing,omitempty"` // why there is none
	}{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	path, err := flags.LoadRuntime()
	if v.Engine, v.Library = embed.BackendONNXRuntime, path; err != nil {
		v.Engine, v.Missing = embed.BackendGorgonia, program.Text(err)
	}
	engine := v.Library
	if err != nil {
		engine = v.Engine + " (small networks, in Go alone); " + v.Missing
	}
	return out.Either(v, fmt.Sprintf("facesieve %s, %s, %s\nengine: %s\n", v.Version, v.Go, v.System, engine))
}
