package command

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const exampleRun = schemas.RunID("00112233445566778899aabbccddeeff")

func openStore(t *testing.T, url string) store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// show does what the report command does in this process, on a store.
func show(t *testing.T, url string, json bool, run schemas.RunID, out string) (string, error) {
	t.Helper()
	var b bytes.Buffer
	s := &session{store: storeFlags{url: url}, console: console{out: screen.Printer{W: &b, JSON: json},
		stderr: os.Stderr}}
	r, err := openReport(t.Context(), &s.store, run)
	if err != nil {
		return "", err
	}
	err = showReport(t.Context(), r, out, s)
	return b.String(), err
}

func TestReportCommand(t *testing.T) {
	url := t.TempDir()
	st := openStore(t, url)
	reporttest.Write(t, st, exampleRun, reporttest.Example())
	want := reporttest.Example().Summary
	out := filepath.Join(t.TempDir(), "copy")
	text, err := show(t, url, false, "", out)
	if err != nil {
		t.Fatal(err)
	}
	if last := "file://" + url + "/runs/" + string(exampleRun) + "/report\n"; !strings.HasSuffix(text,
		"\n"+last) {
		t.Errorf("the last line is not where the report is:\n%s", text)
	}
	for _, name := range []string{schemas.SummaryFile, schemas.IdentitiesFile, schemas.PairsFile,
		schemas.OverlapFile, schemas.ImagesFile(0), schemas.ImagesFile(1)} {
		copied, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		original, err := os.ReadFile(filepath.Join(url, schemas.ReportObject(exampleRun, name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(copied, original) {
			t.Errorf("%s differs", name)
		}
	}
	text, err = show(t, url, true, exampleRun, "")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	var got schemas.Summary
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || got.Images != want.Images ||
		len(lines) != 3 {
		t.Errorf("%v: %s", err, text)
	}
	reporttest.Write(t, st, "ffeeddccbbaa99887766554433221100", reporttest.Example())
	if _, err := show(t, url, false, "", ""); err == nil || !strings.Contains(err.Error(), "2 reports") {
		t.Errorf("of two reports one was chosen: %v", err)
	}
}
