package check

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/worker/metrics"
)

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
