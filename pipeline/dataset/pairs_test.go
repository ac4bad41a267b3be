package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const twoSets = "2\t2\n" +
	"Ann\t1\t4\nBob_Lee\t2\t3\nAnn\t1\tBob_Lee\t2\nCid\t1\tAnn\t12\n" +
	"Cid\t1\t2\nDee\t1\t2\nDee\t1\tCid\t1\nAnn\t3\tDee\t2\n"

func TestPairs(t *testing.T) {
	p, err := parsePairs(strings.NewReader(twoSets))
	if err != nil {
		t.Fatal(err)
	}
	if p.Folds != 2 || len(p.Comparisons) != 8 {
		t.Fatalf("%d folds, %d comparisons", p.Folds, len(p.Comparisons))
	}
	for i, want := range map[int]Comparison{
		0: {A: Portrait{"Ann", 1}, B: Portrait{"Ann", 4}, Same: true},
		3: {A: Portrait{"Cid", 1}, B: Portrait{"Ann", 12}},
		5: {A: Portrait{"Dee", 1}, B: Portrait{"Dee", 2}, Same: true, Fold: 1},
		7: {A: Portrait{"Ann", 3}, B: Portrait{"Dee", 2}, Fold: 1},
	} {
		if p.Comparisons[i] != want {
			t.Errorf("%d: %+v, want %+v", i, p.Comparisons[i], want)
		}
	}
	if a, b := p.Comparisons[3].B.Key(), PortraitKey("Ann", "lfw/Ann/Ann_0012.jpg"); a != b {
		t.Errorf("key %q, of the image %q", a, b)
	}
}

func TestPairsOfOneSetAreCutIntoTenFolds(t *testing.T) {
	var text strings.Builder
	const each = 25
	fmt.Fprintln(&text, each)
	for i := range each {
		fmt.Fprintf(&text, "P%d\t1\t2\n", i)
	}
	for i := range each {
		fmt.Fprintf(&text, "P%d\t1\tP%d\t1\n", i, i+1)
	}
	p, err := parsePairs(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	same, different := make([]int, p.Folds), make([]int, p.Folds)
	for _, c := range p.Comparisons {
		if c.Same {
			same[c.Fold]++
		} else {
			different[c.Fold]++
		}
	}
	for k := range p.Folds {
		if same[k] < each/singleFolds || same[k] != different[k] {
			t.Errorf("fold %d has %d matched and %d mismatched pairs", k, same[k], different[k])
		}
	}
	if p.Folds != singleFolds {
		t.Errorf("%d folds", p.Folds)
	}
}

func TestPairsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "empty",
		"\n\n":                "empty",
		"x\n":                 "first line",
		"0\t3\n":              "first line",
		"2\t2\t2\n":           "first line",
		"1\n":                 "first line",
		"2\nA\t1\t2\n":        "1 pairs; the first line announces",
		"2\nA\t1\tB\t2\n":     "line 2: want a matched pair",
		"2\nA\t1\t0\n":        "number from 1",
		"2\nA\t1\tx\n":        "number from 1",
		"2\n\t1\t1\n":         "want a matched pair",
		twoSets + "A\t1\t2\n": "line 10: more than",
		strings.Replace(twoSets, "Cid\t1\t2", "Cid\t1\tDee\t2", 1): "line 6: want a matched pair",
	} {
		if _, err := parsePairs(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestProtocolIsFound(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "lfw")
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := OpenProtocol(t.Context(), "", Options{URL: data})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Join(data, pairsFile)) ||
		!strings.Contains(err.Error(), filepath.Join(dir, pairsFile)) {
		t.Errorf("nowhere: %v", err)
	}
	for _, folder := range []string{dir, data} { // the nearer one wins
		name := filepath.Join(folder, pairsFile)
		if err := os.WriteFile(name, []byte(twoSets), 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := OpenProtocol(t.Context(), "", Options{URL: "file://" + data})
		if err != nil || p.URL != name {
			t.Errorf("%+v, %v; want %s", p, err, name)
		}
	}
	if _, err := OpenProtocol(t.Context(), filepath.Join(dir, "none.txt"), Options{URL: data}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a named list: %v", err)
	}
}

func TestProtocolBesideABucketsFolder(t *testing.T) {
	for url, want := range map[string]string{
		"s3://sets/faces/lfw/": "s3://sets/faces/lfw/pairs.txt s3://sets/faces/pairs.txt",
		"s3://sets":            "s3://sets/pairs.txt",
	} {
		if got := strings.Join(pairsLocations(url), " "); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

func FuzzPairs(f *testing.F) {
	f.Add(twoSets)
	f.Add("2\nA\t1\t2\nB 1 2\nA\t1\tB\t1\nB 1 A 2\n")
	f.Add("10\t300\nAbel_Pacheco\t1\t4\n")
	f.Add("16777216\t16777216\nA\t1\t9223372036854775808\n")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePairs(strings.NewReader(s))
		if err != nil {
			return
		}
		for _, c := range p.Comparisons {
			if c.Same && c.A.Person != c.B.Person || c.A.Number < 1 || c.B.Number < 1 || c.Fold < 0 || c.Fold >= max(p.Folds, singleFolds) {
				t.Errorf("%+v of %d folds", c, p.Folds)
			}
		}
	})
}
