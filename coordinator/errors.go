package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/work"
)

// errUsage marks what is wrong with flags and arguments.
var errUsage = errors.New("usage")

func (a *app) exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, run.ErrFailed) && a.reported:
		return exitFailed
	case a.shutdown.interrupted() && (errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled)):
		return exitInterrupted
	case !a.started || errors.Is(err, errUsage):
		return exitUsage
	default:
		return exitError
	}
}

// tell says in one line what went wrong with a command, and what to do next.
func (a *app) tell(err error, code int, command string) {
	text := plain(err)
	switch code {
	case exitInterrupted:
		text = "interrupted; the same command goes on where it stopped"
	case exitUsage:
		text += "; see " + strings.Replace(command, "coordinator", a.called(), 1) + " --help"
	default:
		text += hint(err, command)
	}
	if a.json {
		line, err := json.Marshal(struct {
			Event string `json:"event"`
			Text  string `json:"text"`
			Exit  int    `json:"exit"`
		}{"error", text, code})
		if err == nil {
			text = string(line)
		}
	} else {
		text = "coordinator: " + text
	}
	_, _ = fmt.Fprintln(a.err, text) // there is nowhere else to say it
}

// layers are the names of packages and steps in errors: of use in a log, not to
// somebody at a terminal.
var layers = []string{errUsage.Error(), "pipeline", "store", "queue", "dataset", "schemas", "engine", "synth", "embed", "open", "model", "onnx", "gorgonia", "graph", "patch", "read", "invalid"}

// plain is an error in one line without the names of layers.
func plain(err error) string {
	parts := strings.Split(strings.Join(strings.Fields(err.Error()), " "), ": ")
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return slices.Contains(layers, part) }), ": ")
}

// hint is the next step for errors that come from below without one, or with none
// that the command can take.
func hint(err error, command string) string {
	_, name, _ := strings.Cut(command, " ")
	switch {
	case errors.Is(err, run.ErrFailed) && !strings.Contains(err.Error(), "same command"):
		return "; the same command tries again"
	case errors.Is(err, plan.ErrNoLandmarks) && name == "evaluate":
		return "; list them with --manifest, name a --detector, or say --aligned of faces that are cut out"
	case errors.Is(err, plan.ErrNoLandmarks):
		return "; list them with --manifest (a benchmark's with --reference-manifest), name a --detector, or say --aligned of faces that are cut out"
	case errors.Is(err, work.ErrNumericKind) && name == "run":
		return ", start over with --rekind, or allow both with --mixed"
	case errors.Is(err, work.ErrNumericKind):
		return ", or name another folder with --store"
	}
	return ""
}
