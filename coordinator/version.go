package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/embed"
)

// version is set when the program is built.
var version = "unknown"

func (a *app) versionCommand() *cobra.Command {
	library := ""
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show this program's version and what it computes with",
		Long: `version shows this program's version, the Go release and the machine it was
built for, and the ONNX Runtime library that it would compute with. Without one
the engine gorgonia runs models of plain convolutions.`,
		Example: `  coordinator version
  coordinator version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.version(library) },
	}
	cmd.Flags().StringVar(&library, "onnxruntime", "", "ONNX Runtime's library or its folder; default $FACESIEVE_ONNXRUNTIME, .onnxruntime, the system's places")
	return cmd
}

func (a *app) version(library string) error {
	v := struct {
		Version string `json:"version"`
		Go      string `json:"go"`
		System  string `json:"system"`
		Engine  string `json:"engine"`            // that computes where none is named
		Library string `json:"library,omitempty"` // of ONNX Runtime
		Missing string `json:"missing,omitempty"` // why there is none
	}{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	path, err := embed.Runtime(library)
	if v.Engine, v.Library = embed.BackendONNXRuntime, path; err != nil {
		v.Engine, v.Missing = embed.BackendGorgonia, plain(err)
	}
	if a.json {
		return a.printJSON(v)
	}
	engine := v.Library
	if err != nil {
		engine = v.Engine + " (small networks, in Go alone); " + v.Missing
	}
	_, err = fmt.Fprintf(a.out, "facesieve %s, %s, %s\nengine: %s\n", v.Version, v.Go, v.System, engine)
	return err
}
