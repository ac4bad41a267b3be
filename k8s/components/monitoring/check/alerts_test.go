package check

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"go.yaml.in/yaml/v3"
)

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

// Each alert's expression holds for what it warns of, and for nothing else.
func TestAlertsFire(t *testing.T) {
	// An hour of a run that goes well: a sample a minute.
	const fine = `load 1m
  facesieve_queue_tasks_pending{namespace="n",pod="c",pool="images"} 0x60
  facesieve_queue_tasks_leased{namespace="n",pod="c",pool="images"} 0x60
  facesieve_queue_pulls_waiting{namespace="n",pod="c",pool="images"} 4x60
  facesieve_queue_tasks_pending{namespace="n",pod="c",pool="vectors"} 30x60
  facesieve_queue_tasks_leased{namespace="n",pod="c",pool="vectors"} 2x60
  facesieve_queue_pulls_waiting{namespace="n",pod="c",pool="vectors"} 0x60
  facesieve_stage_tasks{namespace="n",pod="c",stage="embed"} 100x60
  facesieve_stage_tasks_settled{namespace="n",pod="c",stage="embed"} 0+1x60
  facesieve_stage_tasks_failed{namespace="n",pod="c",stage="embed"} 0x60
  facesieve_engine_images_total{namespace="n",pod="w"} 0+2000x60
  facesieve_task_deaths_total{namespace="n",pod="w"} 0x60
  facesieve_store_requests_total{namespace="n",pod="w",operation="get",outcome="ok",stage="embed"} 0+100x60
  facesieve_store_requests_total{namespace="n",pod="w",operation="get",outcome="error",stage="embed"} 0x60
  facesieve_nats_connected{namespace="n",pod="w"} 1x60
  facesieve_run_info{namespace="n",pod="w",program="worker",run="r"} 1x60
  facesieve_run_info{namespace="n",pod="c",program="coordinator",run="r"} 1x60
`
	groups := rules(t, read(t, "alerts.yaml"))
	tried := map[string]bool{}
	for _, c := range []struct{ name, was, is, alert string }{
		{"a run that goes well", "", "", ""},
		{"workers of another pool", `leased{namespace="n",pod="c",pool="vectors"} 2x60`, `leased{namespace="n",pod="c",pool="vectors"} 0x60`, "FacesieveNoWorker"},
		{"deaths", `deaths_total{namespace="n",pod="w"} 0x60`, `deaths_total{namespace="n",pod="w"} 0+1x60`, "FacesieveWorkersDie"},
		{"given up", `failed{namespace="n",pod="c",stage="embed"} 0x60`, `failed{namespace="n",pod="c",stage="embed"} 1x60`, "FacesieveTasksGivenUp"},
		{"store", `outcome="error",stage="embed"} 0x60`, `outcome="error",stage="embed"} 0+5x60`, "FacesieveStoreErrors"},
		{"stalled", `images_total{namespace="n",pod="w"} 0+2000x60`, `images_total{namespace="n",pod="w"} 7x60`, "FacesieveEmbeddingStalls"},
		{"coordinator", `program="coordinator",run="r"} 1x60`, `program="coordinator",run="another"} 1x60`, "FacesieveCoordinatorGone"},
		{"NATS", `connected{namespace="n",pod="w"} 1x60`, `connected{namespace="n",pod="w"} 0x60`, "FacesieveNotReady"},
	} {
		input := replaceOne(t, fine, c.was, c.is)
		storage := promqltest.LoadedStorage(t, input)
		engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e5, Timeout: time.Minute})
		for _, r := range groups.Groups[0].Rules {
			q, err := engine.NewInstantQuery(t.Context(), storage, nil, r.Expr, time.Unix(3600, 0))
			if err != nil {
				t.Fatal(err)
			}
			v, err := q.Exec(t.Context()).Vector()
			if err != nil {
				t.Fatal(err)
			}
			if fires := len(v) > 0; fires != (r.Alert == c.alert) {
				t.Errorf("%s: %s fires: %v, %v", c.name, r.Alert, fires, v)
			}
			q.Close()
		}
		tried[c.alert] = true
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, r := range groups.Groups[0].Rules {
		if !tried[r.Alert] {
			t.Errorf("nothing makes %s fire", r.Alert)
		}
	}
}
