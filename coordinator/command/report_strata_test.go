package command

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
)

// strataOf does what report --strata does in this process.
func strataOf(t *testing.T, url string, o strataFlags, json bool) (string, error) {
	t.Helper()
	var b bytes.Buffer
	s := &session{store: storeFlags{url: url}, console: console{out: screen.Printer{W: &b, JSON: json}, stderr: os.Stderr}}
	if err := o.check(""); err != nil {
		return "", err
	}
	r, err := openReport(t.Context(), &s.store, "")
	if err != nil {
		return "", err
	}
	err = o.show(t.Context(), r, s)
	return b.String(), err
}

func TestReportStrata(t *testing.T) {
	url, table := t.TempDir(), filepath.Join(t.TempDir(), "ages.csv")
	reporttest.Write(t, openStore(t, url), exampleRun, reporttest.Example())
	if err := os.WriteFile(table, []byte("path,age\nann/1.jpg,old\nann/3.jpg,young\nann/9.jpg,young\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := strataOf(t, url, strataFlags{column: "type"}, false)
	if err != nil || !strings.Contains(text, "\nflip                         4       0       4       0 100.0 %") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = strataOf(t, url, strataFlags{column: "age", attributes: table}, true)
	var got strata.Losses
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if err != nil || len(got.Strata) != 3 || got.Strata[0].Name != "old" || got.Strata[0].Removed != 1 ||
		got.Strata[2].Name != "unknown" || got.UnknownRows == nil || *got.UnknownRows != 1 {
		t.Errorf("%v: %s", err, text)
	}
	for want, o := range map[string]strataFlags{
		"needs --attributes": {column: "age"},
		"with --strata":      {attributes: table},
		table + ": no column gender among path, age; give a table": {column: "gender", attributes: table},
		"no file " + table + ".gone":                               {column: "age", attributes: table + ".gone"},
	} {
		if _, err := strataOf(t, url, o, false); err == nil || !strings.Contains(err.Error()+"; give a table", want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	if err := os.WriteFile(table, []byte("identity,age\nbob,old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := strataOf(t, url, strataFlags{column: "age", attributes: table}, false); err == nil ||
		!strings.HasPrefix(err.Error(), table+": none of the table's rows is about an image of the report") {
		t.Error(err)
	}
	if err := (&strataFlags{column: "pose"}).check("folder"); err == nil || !strings.Contains(err.Error(), "give one of them") {
		t.Error(err)
	}
}
