package facesieve_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/facesieve/facesieve"

// allowed says which of the module's packages each of its packages may import,
// tests aside. Every package has a row. A package for tests alone (queuetest, storefault,
// storetest, s3test, metricstest) stands in no other's row.
var allowed = map[string][]string{
	"schemas": {"internal/origin"},

	"cluster":               {},
	"cluster/labelnoise":    {"cluster"},
	"cluster/facequality":   {"cluster"},
	"cluster/matching":      {"schemas", "cluster"},
	"cluster/verification":  {"cluster"},
	"cluster/nearduplicate": {"internal/phash"},
	"cluster/mixture":       {"cluster"},

	"embed/photo":           {"internal/origin", "internal/phash"},
	"embed/builtin":         {},
	"embed/graph":           {"internal/origin"},
	"embed/matmul":          {},
	"embed/gorgonia":        {"internal/origin", "embed/graph", "embed/matmul"},
	"embed/onnx":            {"internal/origin", "embed/graph"},
	"embed/train":           {"schemas", "cluster", "cluster/verification", "embed/photo", "embed/graph", "embed/gorgonia", "embed/matmul"},
	"embed/train/facetrain": {"embed/train", "pipeline/dataset", "pipeline/dataset/synth", "pipeline/store"},
	"embed/detect":          {"embed/photo"},
	"embed":                 {"schemas", "internal/origin", "embed/detect", "embed/photo", "embed/onnx", "embed/gorgonia", "embed/builtin"},

	"bench/quality/observations": {"schemas", "cluster/labelnoise", "pipeline/store", "pipeline/runstore", "pipeline/stage/calibrate"},

	"pipeline/store":                {"internal/origin"},
	"pipeline/store/storetest":      {"pipeline/store"},
	"pipeline/store/storefault":     {"internal/origin", "pipeline/store"},
	"pipeline/store/s3test":         {},
	"pipeline/queue":                {"schemas", "internal/origin"},
	"pipeline/queue/local":          {},
	"pipeline/queue/queuetest":      {},
	"pipeline/dataset/tree":         {"schemas", "pipeline/store"},
	"pipeline/dataset/layout":       {"schemas", "pipeline/dataset/tree"},
	"pipeline/dataset":              {"schemas", "internal/origin", "pipeline/store", "pipeline/dataset/tree", "pipeline/dataset/layout"},
	"pipeline/dataset/truth":        {"internal/origin"},
	"pipeline/dataset/synth":        {"internal/origin", "pipeline/dataset/synth/face", "pipeline/dataset/truth"},
	"pipeline/dataset/synth/face":   {},
	"pipeline/dataset/simulate":     {"schemas", "internal/origin", "cluster/matching", "pipeline/dataset/truth", "embed/photo"},
	"pipeline/runstore":             {"schemas", "internal/origin", "cluster", "pipeline/store"},
	"pipeline/plan":                 {"schemas", "internal/origin", "pipeline/store", "pipeline/dataset", "pipeline/runstore"},
	"pipeline/stage/embed":          {"schemas", "internal/origin", "pipeline/dataset", "pipeline/runstore"},
	"pipeline/stage/secondlook":     {"schemas", "internal/origin", "cluster", "cluster/labelnoise", "pipeline/dataset", "pipeline/runstore"},
	"pipeline/stage/aggregate":      {"schemas", "cluster", "cluster/matching", "pipeline/runstore", "cluster/mixture"},
	"pipeline/stage/match":          {"schemas", "cluster", "cluster/matching", "pipeline/runstore"},
	"pipeline/stage/nearest":        {"schemas", "cluster", "pipeline/runstore"},
	"pipeline/stage/neighbours":     {"schemas", "internal/origin", "cluster", "pipeline/runstore"},
	"pipeline/stage/calibrate":      {"schemas", "cluster", "cluster/labelnoise", "pipeline/runstore"},
	"pipeline/stage/judge":          {"schemas", "cluster", "cluster/facequality", "cluster/labelnoise", "pipeline/runstore", "pipeline/stage/calibrate"},
	"pipeline/stage/report":         {"schemas", "cluster/labelnoise", "pipeline/runstore", "pipeline/stage/calibrate", "pipeline/stage/match", "pipeline/diversity"},
	"pipeline/diversity":            {"schemas", "cluster", "cluster/facequality", "cluster/mixture"},
	"pipeline/stage/verify":         {"schemas", "internal/origin", "cluster", "cluster/verification", "pipeline/dataset", "pipeline/runstore"},
	"pipeline/run":                  {"schemas", "internal/origin", "pipeline/store", "pipeline/queue", "pipeline/plan", "pipeline/runstore", "pipeline/stage/secondlook", "pipeline/stage/aggregate", "pipeline/stage/match", "pipeline/stage/calibrate", "pipeline/stage/report", "pipeline/stage/nearduplicates"},
	"pipeline/work":                 {"schemas", "internal/origin", "pipeline/store", "pipeline/queue", "pipeline/dataset", "pipeline/runstore", "pipeline/stage/embed", "pipeline/stage/secondlook", "pipeline/stage/match", "pipeline/stage/nearest", "pipeline/stage/neighbours", "pipeline/stage/judge"},
	"pipeline/admin":                {"schemas", "internal/origin", "pipeline/store", "pipeline/plan", "pipeline/runstore"},
	"pipeline":                      {},
	"pipeline/stage/nearduplicates": {"schemas", "cluster", "cluster/nearduplicate", "pipeline/runstore"},

	"pipeline/report":            {"schemas", "internal/origin", "pipeline/store", "pipeline/dataset"},
	"pipeline/report/reporttest": {"schemas", "pipeline/store"},

	"internal/origin": {},
	"internal/phash":  {},
	"k8s":             {},

	"worker/program":        {"schemas", "internal/origin"},
	"worker/connect":        {"worker/program", "pipeline/queue"},
	"worker/metrics":        {"schemas", "pipeline/runstore", "pipeline/store", "pipeline/work", "worker/engine", "worker/program"},
	"worker/engine":         {"schemas", "internal/origin", "embed", "embed/gorgonia", "embed/onnx", "worker/program", "pipeline/queue", "pipeline/store", "pipeline/stage/embed", "pipeline/work"},
	"worker":                {"schemas", "worker/connect", "worker/engine", "worker/metrics", "worker/program", "pipeline/queue", "pipeline/store", "pipeline/work"},
	"coordinator/metrics":   {"schemas", "pipeline/queue", "pipeline/run", "worker/metrics"},
	"coordinator/sheet":     {},
	"coordinator/screen":    {"schemas", "cluster/verification", "pipeline/admin", "pipeline/plan", "pipeline/run", "pipeline/stage/verify", "pipeline/report", "pipeline/dataset/synth", "pipeline/dataset/truth"},
	"coordinator/score":     {"schemas", "cluster/labelnoise", "coordinator/screen", "pipeline/report", "pipeline/dataset/truth", "coordinator/strata"},
	"coordinator/benchmark": {"schemas", "coordinator/screen", "pipeline/dataset"},
	"coordinator/demo":      {"schemas", "coordinator/score", "coordinator/screen", "coordinator/sheet", "pipeline/report", "pipeline/dataset/synth"},
	"coordinator/command":   {"schemas", "internal/origin", "k8s", "coordinator/benchmark", "coordinator/demo", "coordinator/metrics", "coordinator/score", "coordinator/screen", "coordinator/sheet", "embed", "worker/connect", "worker/engine", "worker/metrics", "worker/program", "pipeline/admin", "pipeline/plan", "pipeline/run", "pipeline/work", "pipeline/stage/judge", "pipeline/stage/secondlook", "pipeline/stage/verify", "pipeline/report", "pipeline/queue", "pipeline/store", "pipeline/dataset", "pipeline/dataset/tree", "pipeline/dataset/layout", "pipeline/dataset/simulate", "pipeline/dataset/synth", "pipeline/dataset/truth", "pipeline/queue/local", "coordinator/strata"},
	"coordinator":           {"coordinator/command"},
	"coordinator/strata":    {"schemas", "cluster/facequality", "coordinator/screen", "pipeline/dataset", "pipeline/diversity", "pipeline/report"},

	"k8s/images": {},

	"bench/quality/looks":        {"schemas", "pipeline/dataset", "pipeline/runstore", "pipeline/store", "worker/engine"},
	"worker/metrics/metricstest": {},
	"bench/quality/crops":        {"schemas", "embed/photo", "pipeline/report"},
}

// confined says which packages alone may import what begins like this.
var confined = map[string][]string{
	"github.com/yalue/onnxruntime_go": {"embed/onnx"},
	"github.com/nats-io/nats-server/": {"pipeline/queue/local", "pipeline/queue/queuetest"},
	"gorgonia.org/":                   {"embed/gorgonia", "embed/train"},
	"gonum.org/v1/gonum/":             {"embed/train", "embed/matmul"},
	"github.com/minio/minio-go/":      {"pipeline/store", "pipeline/dataset/tree"},
	"github.com/spf13/cobra":          {"coordinator/command", "worker", "embed/train/facetrain"},
	"github.com/nats-io/nats.go":      {"pipeline/queue", "pipeline/queue/local"},
	"go.uber.org/zap":                 {"pipeline/run", "pipeline/work", "pipeline/queue", "coordinator/command", "worker", "worker/connect", "worker/engine", "worker/program"},
	"github.com/prometheus/":          {"worker/metrics", "coordinator/metrics"},
	"github.com/vbauerster/mpb/":      {"coordinator/screen"},
	"github.com/mattn/go-runewidth":   {"coordinator/screen"},
	"github.com/gen2brain/jpegn":      {"embed/photo"},
	"github.com/rwcarlsen/goexif":     {"embed/photo"},
	"golang.org/x/image/vector":       {"pipeline/dataset/synth/face"},
	"gonum.org/v1/plot":               {"embed/train"},
	"google.golang.org/protobuf/":     {"embed/graph", "embed/onnx", "embed/train"},
}

// unlinked says what a program must not contain, however far away.
var unlinked = map[string][]string{
	"worker":      {"github.com/nats-io/nats-server/", module + "/pipeline/queue/local", module + "/embed/train", "gorgonia.org/gorgonia"},
	"coordinator": {module + "/embed/train", "gorgonia.org/gorgonia"},
}

// graph maps an import path to what it imports.
type graph map[string][]string

// violations compares the module's packages with the three tables.
func violations(g graph) (found []string) {
	for path, imports := range g {
		name, ours := own(path)
		if !ours {
			continue
		}
		row, known := allowed[name]
		if !known {
			found = append(found, name+" has no row in the table of imports")
		}
		for _, i := range imports {
			if other, ours := own(i); ours && known && !slices.Contains(row, other) {
				found = append(found, name+" imports "+other)
			}
			for prefix, importers := range confined {
				if strings.HasPrefix(i, prefix) && !slices.Contains(importers, name) {
					found = append(found, name+" imports "+i)
				}
			}
		}
	}
	for program, without := range unlinked {
		for path := range reach(g, module+"/"+program) {
			for _, prefix := range without {
				if strings.HasPrefix(path, prefix) {
					found = append(found, program+" links "+path)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// own is a path without the module's, and whether it is the module's.
func own(path string) (string, bool) { return strings.CutPrefix(path, module+"/") }

// reach is a package and all that it links.
func reach(g graph, from string) map[string]bool {
	seen, next := map[string]bool{from: true}, []string{from}
	for len(next) > 0 {
		path := next[len(next)-1]
		next = next[:len(next)-1]
		for _, i := range g[path] {
			if !seen[i] {
				seen[i], next = true, append(next, i)
			}
		}
	}
	return seen
}

// load reads the graph of the module's packages and all they link.
func load(t *testing.T, cgo string) graph {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", module+"/...")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED="+cgo)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	g := graph{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatal(err)
		}
		g[p.ImportPath] = p.Imports
	}
}

// The packages import each other as the layers of ARCHITECTURE.md say.
func TestLayers(t *testing.T) {
	for _, cgo := range []string{"0", "1"} {
		t.Run("CGO_ENABLED="+cgo, func(t *testing.T) {
			g := load(t, cgo)
			for _, v := range violations(g) {
				t.Error(v)
			}
			for name := range allowed {
				if _, there := g[module+"/"+name]; !there {
					t.Errorf("the table of imports has a row for %s, which is no package", name)
				}
			}
		})
	}
}

// A forbidden import of each sort is found.
func TestLayersAreDefended(t *testing.T) {
	for _, c := range []struct {
		from, to, want string
	}{
		{"cluster", module + "/schemas", "cluster imports schemas"},
		{"pipeline/stage/embed", module + "/embed", "pipeline/stage/embed imports embed"},
		{"pipeline/stage/judge", module + "/pipeline/queue", "pipeline/stage/judge imports pipeline/queue"},
		{"pipeline/store", module + "/pipeline/store/storetest", "pipeline/store imports pipeline/store/storetest"},
		{"embed", "github.com/yalue/onnxruntime_go", "embed imports github.com/yalue/onnxruntime_go"},
		{"cluster", "gorgonia.org/gorgonia", "cluster imports gorgonia.org/gorgonia"},
		{"util", "fmt", "util has no row in the table of imports"},
	} {
		g := graph{module + "/" + c.from: {c.to}}
		if got := violations(g); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s -> %s: %v, want %s", c.from, c.to, got, c.want)
		}
	}
	far := graph{module + "/worker": {"a"}, "a": {"b"}, "b": {"github.com/nats-io/nats-server/v2/server"}}
	if got := violations(far); fmt.Sprint(got) != "[worker links github.com/nats-io/nats-server/v2/server]" {
		t.Errorf("a server linked from afar: %v", got)
	}
}
