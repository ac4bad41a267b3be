package schemas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// reportFiles are the tables of a small report.
type reportFiles struct {
	images     []schemas.Verdict
	identities []schemas.IdentityVerdict
	pairs      []schemas.Pair
	overlaps   []schemas.Overlap
	summary    schemas.Summary
}

// write puts the report's files into a folder.
func (r reportFiles) write(t *testing.T, dir string) {
	t.Helper()
	half := len(r.images) / 2
	for name, write := range map[string]func(io.Writer) error{
		schemas.ImagesFile(0):  func(w io.Writer) error { return schemas.WriteVerdicts(w, r.images[:half]) },
		schemas.ImagesFile(1):  func(w io.Writer) error { return schemas.WriteVerdicts(w, r.images[half:]) },
		schemas.IdentitiesFile: func(w io.Writer) error { return schemas.WriteIdentities(w, r.identities) },
		schemas.PairsFile:      func(w io.Writer) error { return schemas.WritePairs(w, r.pairs) },
		schemas.OverlapFile:    func(w io.Writer) error { return schemas.WriteOverlaps(w, r.overlaps) },
		schemas.SummaryFile: func(w io.Writer) error {
			data, err := schemas.Marshal(r.summary)
			_, werr := w.Write(data)
			return errors.Join(err, werr)
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		writeTo(t, filepath.Join(dir, name), b.Bytes())
	}
}

func writeTo(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// picture writes a generated picture of one colour, wider than high.
func picture(t *testing.T, path string, c color.Color) {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for i := range 60 * 40 {
		im.Set(i%60, i/60, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	writeTo(t, path, b.Bytes())
}

func to[T any](x T) *T { return &x }

func verdict(path, identity string, score, noise float32) schemas.Verdict {
	return schemas.Verdict{
		Embedding: schemas.Embedding{Path: path, Width: 60, Height: 40, Faces: 1,
			Box: [4]float32{10, 5, 20, 20}, DetScore: .9, HasDetScore: true},
		Identity: identity, Score: to(score), OtherIdentity: to("other"), OtherScore: to(float32(.2)),
		PNoise: to(noise),
		Type:   schemas.TypeClean, Decision: schemas.Keep, Reason: "like the other images of " + identity,
		EvidenceFor: []string{"ann/2.png"}, EvidenceAgainst: []string{"bob/gone.png"},
	}
}

// smallReport has a flagged image, one without a vector, names that have to be
// escaped, and people of a reference.
func smallReport() reportFiles {
	flagged := verdict("ann/\xff 100%.png", "ann", .1, .97)
	flagged.Type, flagged.Decision, flagged.Reason = schemas.TypeFlip, schemas.Relabel,
		"unlike ann, $ like bob_"
	flagged.SuggestedIdentity, flagged.PSuggested = to("bob"), to(float32(.9))
	unread := schemas.Verdict{Embedding: schemas.Embedding{Path: "bob/bad.png", Faces: -1,
		Error: schemas.FaultTruncated},
		Identity: "bob", Type: schemas.TypeUnreadable, Decision: schemas.Drop, Reason: "the data ends early"}
	return reportFiles{
		images: []schemas.Verdict{verdict("ann/2.png", "ann", .8, .01), flagged,
			verdict("bob/gone.png", "bob", .7, .02), unread},
		identities: []schemas.IdentityVerdict{{Identity: "ann", Name: to("Ann_Lee"), Images: 2, Usable: 2,
			MeanScore: to(float32(.45)), NoiseRate: to(float32(.5)), NearestIdentity: to("bob"),
			NearestScore: to(float32(.3)), Flag: "noisy"}, {Identity: "bob", Images: 2, Usable: 1}},
		pairs: []schemas.Pair{{Kind: "split", AIdentity: "ann", BIdentity: "bob", APath: "ann/2.png",
			BPath: "bob/gone.png", Score: .8, P: .9}},
		overlaps: []schemas.Overlap{{Identity: "ann", Reference: "first", ReferenceIdentity: "Ann",
			Tier: schemas.TierCertain, Score: .9, P: 1, NameMatch: true, EvidencePath: "ann/2.png",
			ReferencePath: "Ann/1.png", EvidenceScore: .9}},
		summary: schemas.Summary{Version: schemas.SummaryVersion, Images: 4, Identities: 2,
			NoiseRate: &schemas.Estimate{Value: .1, Low: .05, High: .2},
			Faults:    map[schemas.Fault]int{schemas.FaultTruncated: 1},
			Thresholds: []schemas.Threshold{{Name: "drop", Cosine: .2, FalseMatchRate: .01, Comparisons: 3,
				ExpectedFalse: .03}},
			Calibrated: schemas.Calibrated{Text: "densities of this set", Method: "own"},
			Sources: []schemas.SourceSummary{{Images: 4, Identities: 2, Usable: 3},
				{Name: "first", Images: 1, Identities: 1, Usable: 1}},
			Warnings: []schemas.Warning{{Code: schemas.WarnFewIdentities, Text: "few identities"}}},
	}
}

// outputs are what an executed notebook shows: its text, and how many pictures.
func outputs(t *testing.T, file string) (text string, pictures int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Type    string `json:"cell_type"`
			Count   *int   `json:"execution_count"`
			Outputs []struct {
				Type string                     `json:"output_type"`
				Data map[string]json.RawMessage `json:"data"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	for i, c := range nb.Cells {
		if c.Type == "code" && c.Count == nil {
			t.Errorf("cell %d did not run", i)
		}
		for _, o := range c.Outputs {
			if o.Type != "display_data" && o.Type != "execute_result" {
				t.Errorf("cell %d: an output of type %s", i, o.Type)
			}
			if o.Data["image/png"] != nil {
				pictures++
			}
			for _, form := range []string{"text/html", "text/markdown"} {
				text += string(o.Data[form])
			}
		}
	}
	return text, pictures
}

// TestNotebookExecutes runs the notebook on small reports: a full one with some
// pictures missing, and one where there is nothing to show and no folder given.
func TestNotebookExecutes(t *testing.T) {
	if err := exec.Command("../.venv/bin/python", "-c",
		"import nbconvert, ipykernel, matplotlib, pandas, pyarrow, PIL, jinja2").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("needs .venv with notebooks/requirements.txt: %v", err)
		}
		t.Skip("SKIPPED: needs .venv with notebooks/requirements.txt (make venv fills it)")
	}
	script, err := filepath.Abs("../notebooks/execute.sh")
	if err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, dir string, env ...string) (string, int) {
		t.Helper()
		cmd := exec.Command(script, "out.ipynb")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append([]string{"REPORT=report"},
			append(env, "IPYTHONDIR="+filepath.Join(dir, "ipython"))...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return outputs(t, filepath.Join(dir, "out.ipynb"))
	}
	t.Run("full", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		smallReport().write(t, filepath.Join(dir, "report"))
		picture(t, filepath.Join(dir, "set", "ann", "2.png"), color.White)
		picture(t, filepath.Join(dir, "set", "ann", "\xff 100%.png"), color.Black)
		picture(t, filepath.Join(dir, "lfw", "Ann", "1.png"), color.White)
		text, pictures := run(t, dir, "DATA=set", "REFERENCE=first=lfw,second=none")
		if pictures != 3 { // histogram, the flagged image, the overlap
			t.Errorf("%d pictures", pictures)
		}
		for _, want := range []string{"4 of 2 identities", "10.00% of the usable images, estimated (5.00% to 20.00%)", "few identities",
			"Ann_Lee", "1 images have no vector", "truncated", "split", "certain",
			"so that their paths are shown: 1."} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not shown", want)
			}
		}
	})
	t.Run("bare", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "100 %")
		r := smallReport()
		r.images, r.pairs, r.overlaps, r.summary.NoiseRate = r.images[2:], nil, nil, nil
		r.write(t, filepath.Join(dir, "report"))
		// As the last line that coordinator run prints.
		url := url.URL{Scheme: "file", Path: filepath.Join(dir, "report")}
		text, pictures := run(t, dir, "REPORT="+url.String(), "DATA=", "REFERENCE=")
		if pictures != 2 { // histogram, the most doubtful image as its path
			t.Errorf("%d pictures", pictures)
		}
		for _, want := range []string{"2 of 2 identities", "No image is flagged", "None.", "None, or the run had no reference.",
			"so that their paths are shown: 2."} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not shown", want)
			}
		}
	})
}
