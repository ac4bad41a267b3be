package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	progress "github.com/facesieve/facesieve/coordinator/metrics"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics"
)

// ofTarget are the labels that Prometheus gives what it scrapes from a pod.
var ofTarget = []string{"namespace", "pod", "container", "job", "instance"}

// known are the series that the programs show, each with its labels.
func known(t *testing.T) map[string][]string {
	t.Helper()
	m := metrics.New("worker", "v1")
	w, r := m.Worker(), progress.New(m.Registerer(), nil)
	r.Progress(run.Progress{Stage: schemas.StageEmbed})
	r.Queue(map[schemas.Pool]queue.Counts{})
	m.RunBegins("x")
	m.Connection(func() bool { return true })
	w.Opened("a", "b", 1, "c")
	w.Ended(schemas.StageEmbed, work.Done, 0)
	st, err := store.Open(t.Context(), "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st = m.Store(st)
	if err := runstore.Put(t.Context(), st, "a", []byte("b")); err != nil {
		t.Fatal(err)
	}
	return series(t, m.Gatherer())
}

func series(t *testing.T, from prometheus.Gatherer) map[string][]string {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, f := range families {
		names := slices.Clone(ofTarget)
		for _, l := range f.GetMetric()[0].GetLabel() {
			names = append(names, l.GetName())
		}
		if f.GetMetric()[0].GetHistogram() == nil {
			all[f.GetName()] = names
			continue
		}
		all[f.GetName()+"_sum"], all[f.GetName()+"_count"] = names, names
		all[f.GetName()+"_bucket"] = append(slices.Clone(names), "le")
	}
	return all
}

// faults says what is wrong with an expression: it cannot be parsed, or names a metric
// or a label that there is none of.
func faults(expression string, known map[string][]string) (found []string) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		return []string{err.Error()}
	}
	named := map[string]bool{} // labels of the metrics in it
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		s, is := n.(*parser.VectorSelector)
		if !is {
			return nil
		}
		has, there := known[s.Name]
		if !there {
			found = append(found, fmt.Sprintf("there is no metric %q", s.Name))
			return nil
		}
		for _, l := range has {
			named[l] = true
		}
		for _, l := range s.LabelMatchers {
			if l.Name != labels.MetricName && !slices.Contains(has, l.Name) {
				found = append(found, fmt.Sprintf("%s has no label %q", s.Name, l.Name))
			}
		}
		return nil
	})
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if a, is := n.(*parser.AggregateExpr); is {
			for _, l := range a.Grouping {
				if !named[l] && len(found) == 0 {
					found = append(found, fmt.Sprintf("nothing in it has the label %q", l))
				}
			}
		}
		return nil
	})
	return found
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What is wrong is found.
func TestFaultsAreFound(t *testing.T) {
	names := known(t)
	for expression, want := range map[string]string{
		"facesieve_images_total":                        "",
		"facesieve_image_total":                         `there is no metric "facesieve_image_total"`,
		"rate(facesieve_task_seconds[5m])":              `there is no metric "facesieve_task_seconds"`,
		`facesieve_images_total{stage="embed"}`:         `facesieve_images_total has no label "stage"`,
		"sum by (device) (facesieve_images_total)":      `nothing in it has the label "device"`,
		"sum by (pod, outcome) (facesieve_images_total": "unclosed",
	} {
		found := strings.Join(faults(expression, names), "; ")
		if (want == "") != (found == "") || !strings.Contains(found, want) {
			t.Errorf("%s: %q; want %q", expression, found, want)
		}
	}
	broken := bytes.Replace(read(t, "dashboard.json"), []byte("facesieve_engine_images_total"), []byte("facesieve_engine_image_total"), 1)
	var d dashboard
	if err := json.Unmarshal(broken, &d); err != nil {
		t.Fatal(err)
	}
	all, _ := d.expressions()
	if !slices.ContainsFunc(all, func(e string) bool { return len(faults(e, names)) > 0 }) {
		t.Error("a wrong metric in the dashboard is not found")
	}
}

// replaceOne replaces what stands once in a text.
func replaceOne(t *testing.T, text, was, is string) string {
	t.Helper()
	if was != "" && strings.Count(text, was) != 1 {
		t.Fatalf("%q does not stand once in it", was)
	}
	return strings.Replace(text, was, is, 1)
}
