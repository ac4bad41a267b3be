package check

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"go.yaml.in/yaml/v3"
)

// The scaler of workers asks for metrics that there are, and counts the tasks of all pools.
func TestScaler(t *testing.T) {
	var object struct {
		Spec struct {
			Triggers []struct {
				Metadata struct {
					Query string `yaml:"query"`
				} `yaml:"metadata"`
			} `yaml:"triggers"`
		} `yaml:"spec"`
	}
	if err := yaml.Unmarshal(read(t, "../keda/template/scaledobject.yaml"), &object); err != nil {
		t.Fatal(err)
	}
	if len(object.Spec.Triggers) != 1 {
		t.Fatalf("%d triggers", len(object.Spec.Triggers))
	}
	query := object.Spec.Triggers[0].Metadata.Query
	for _, fault := range faults(query, known(t)) {
		t.Error(fault)
	}
	for input, want := range map[string]float64{
		"": 0, // no coordinator
		`load 1m
  facesieve_queue_tasks_pending{namespace="facesieve",pod="c",pool="images"} 5
  facesieve_queue_tasks_leased{namespace="facesieve",pod="c",pool="images"} 2
  facesieve_queue_tasks_pending{namespace="facesieve",pod="c",pool="vectors"} 30
  facesieve_queue_tasks_leased{namespace="facesieve",pod="c",pool="vectors"} 0
  facesieve_queue_tasks_pending{namespace="another",pod="c",pool="vectors"} 9
  facesieve_queue_tasks_leased{namespace="another",pod="c",pool="vectors"} 9
`: 37,
	} {
		engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e5, Timeout: time.Minute})
		q, err := engine.NewInstantQuery(t.Context(), promqltest.LoadedStorage(t, input), nil, query, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		v, err := q.Exec(t.Context()).Vector()
		if err != nil || len(v) != 1 || v[0].F != want {
			t.Errorf("%v, %v; want %v", v, err, want)
		}
		q.Close()
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}
}
