package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

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
	r.Queue(queue.Counts{})
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

// dashboard is what is checked of one.
type dashboard struct {
	Panels      []panel `json:"panels"`
	Annotations struct {
		List []target `json:"list"`
	} `json:"annotations"`
	Templating struct {
		List []struct {
			Name       string `json:"name"`
			Definition string `json:"definition"`
		} `json:"list"`
	} `json:"templating"`
}

type panel struct {
	ID      int      `json:"id"`
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	Targets []target `json:"targets"`
	Grid    struct {
		X, Y, W, H int
	} `json:"gridPos"`
	Datasource struct {
		UID string `json:"uid"`
	} `json:"datasource"`
}

type target struct {
	Expr string `json:"expr"`
}

// expressions returns all of a dashboard's, with its variables filled in, and what is
// wrong with it otherwise.
func (d dashboard) expressions() (all, wrong []string) {
	fill := strings.NewReplacer("$namespace", ".*", "$__rate_interval", "5m")
	ids := map[int]bool{}
	for i, p := range d.Panels {
		if ids[p.ID] {
			wrong = append(wrong, fmt.Sprintf("two panels have the id %d", p.ID))
		}
		ids[p.ID] = true
		if p.Grid.X+p.Grid.W > 24 || p.Grid.W == 0 || p.Grid.H == 0 {
			wrong = append(wrong, p.Title+" does not fit in")
		}
		for _, q := range d.Panels[:i] {
			if p.Grid.X < q.Grid.X+q.Grid.W && q.Grid.X < p.Grid.X+p.Grid.W &&
				p.Grid.Y < q.Grid.Y+q.Grid.H && q.Grid.Y < p.Grid.Y+p.Grid.H {
				wrong = append(wrong, p.Title+" lies on "+q.Title)
			}
		}
		if p.Type != "row" && (len(p.Targets) == 0 || p.Datasource.UID != "${datasource}") {
			wrong = append(wrong, p.Title+" shows nothing, or another source")
		}
		for _, q := range p.Targets {
			all = append(all, fill.Replace(q.Expr))
		}
	}
	for _, q := range d.Annotations.List {
		all = append(all, fill.Replace(q.Expr))
	}
	for _, v := range d.Templating.List {
		if inside, is := strings.CutPrefix(v.Definition, "label_values("); is {
			metric, label, _ := strings.Cut(strings.TrimSuffix(inside, ")"), ", ")
			all = append(all, "sum by ("+label+") ("+metric+")")
		}
	}
	return all, wrong
}

// rules returns the groups of a PrometheusRule as a file of Prometheus' own.
func rules(t *testing.T, file []byte) *rulefmt.RuleGroups {
	t.Helper()
	var object struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string `yaml:"kind"`
		Metadata   any    `yaml:"metadata"`
		Spec       any    `yaml:"spec"`
	}
	d := yaml.NewDecoder(bytes.NewReader(file))
	d.KnownFields(true)
	if err := d.Decode(&object); err != nil {
		t.Fatal(err)
	}
	if object.Kind != "PrometheusRule" || object.APIVersion != "monitoring.coreos.com/v1" {
		t.Errorf("it is a %s of %s", object.Kind, object.APIVersion)
	}
	own, err := yaml.Marshal(object.Spec)
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(own, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	if len(errs) > 0 {
		t.FailNow()
	}
	return groups
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every panel of the dashboard asks for what there is.
func TestDashboard(t *testing.T) {
	var d dashboard
	if err := json.Unmarshal(read(t, "dashboard.json"), &d); err != nil {
		t.Fatal(err)
	}
	all, wrong := d.expressions()
	for _, fault := range wrong {
		t.Error(fault)
	}
	if len(all) < 20 {
		t.Errorf("%d expressions", len(all))
	}
	names := known(t)
	unseen := map[string]bool{}
	for name := range names {
		if strings.HasPrefix(name, metrics.Namespace) {
			unseen[name] = true
		}
	}
	for _, e := range all {
		for _, fault := range faults(e, names) {
			t.Errorf("%s: %s", e, fault)
		}
		for name := range unseen {
			if strings.Contains(e, name) {
				delete(unseen, name)
			}
		}
	}
	// What a panel shows as a quantile or a mean has these beside it.
	for name := range unseen {
		if !strings.HasSuffix(name, "_sum") && !strings.HasSuffix(name, "_count") && !strings.HasSuffix(name, "_bucket") {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
}

// Every alert asks for what there is, and says what is wrong and what to do.
func TestAlerts(t *testing.T) {
	groups := rules(t, read(t, "alerts.yaml"))
	names, count := known(t), 0
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			count++
			for _, fault := range faults(r.Expr, names) {
				t.Errorf("%s: %s", r.Alert, fault)
			}
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || r.Labels["severity"] == "" {
				t.Errorf("%s lacks its summary, its next step (description) or its severity", r.Alert)
			}
		}
	}
	if count < 6 {
		t.Errorf("%d alerts", count)
	}
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
