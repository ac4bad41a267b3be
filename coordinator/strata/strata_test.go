package strata

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const exampleRun = schemas.RunID("00112233445566778899aabbccddeeff")

// example is a report of ten labels of 20 images in two parts. Of each label images 00 to
// 03 are the old ones: of the first eight labels two of these are dropped, one more is for
// review, and nothing else is but an image of the first label. The last image is a copy.
func example(t *testing.T) *report.Report {
	t.Helper()
	tables := reporttest.Example()
	tables.Images, tables.Identities = make([][]schemas.Verdict, 2), nil
	for k := range 10 {
		label := fmt.Sprintf("n%d", k)
		tables.Identities = append(tables.Identities, schemas.IdentityVerdict{Identity: label, Images: 20, Usable: int32(20 - k/9)})
		for i := range 20 {
			typ, d := schemas.TypeClean, schemas.Keep
			switch {
			case i < 2 && k < 8 || i == 10 && k == 0:
				typ, d = schemas.TypeOutlier, []schemas.Decision{schemas.Drop, schemas.Relabel}[i%2]
			case i == 2 && k < 8:
				typ, d = schemas.TypeOutlier, schemas.Review
			case i == 19 && k == 9:
				typ, d = schemas.TypeDuplicate, schemas.Drop
			}
			v := reporttest.Verdict(fmt.Sprintf("%s/%02d", label, i), typ, d, nil, "because")
			v.Embedding.DetScore, v.Embedding.HasDetScore = .655+float32(i)/100, i > 0
			tables.Images[k/5] = append(tables.Images[k/5], v)
		}
	}
	st, err := store.Open(t.Context(), "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reporttest.Write(t, st, exampleRun, tables)
	r, err := report.Open(t.Context(), st, exampleRun, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// short is a stratum's counts.
func short(all []Stratum) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s: %d %d %d %d", s.Name, s.Images, s.Kept, s.Removed, s.Review)
		if s.Thinned {
			b.WriteString(" *")
		}
		b.WriteString("; ")
	}
	return b.String()
}

func TestByColumn(t *testing.T) {
	r := example(t)
	for column, want := range map[string]string{
		"":         "10 to below 20: 19 19 0 0; 20 to below 50: 180 155 17 8; ",
		"decision": "drop: 9 0 9 0; keep: 174 174 0 0; relabel: 8 0 8 0; review: 8 0 0 8; ",
		"pose":     "unknown: 199 174 17 8; ",
		// Of 19 known scores .665 to .845 of a label four are below .7.
		"det_score": "below 0.7: 40 24 8 8; 0.7 to below 0.8: 100 99 1 0; 0.8 to below 0.85: 49 49 0 0; unknown: 10 2 8 0; ",
	} {
		l, err := ByColumn(t.Context(), r, column)
		if err != nil {
			t.Fatal(err)
		}
		if got := short(l.Strata); got != want || l.LeftOut != 1 || l.All.Removed != 17 || l.UnknownRows != nil {
			t.Errorf("%s: %s\nleft out %d, all %+v", column, got, l.LeftOut, l.All)
		}
	}
	for _, c := range Columns() {
		l, err := ByColumn(t.Context(), r, c.Name)
		if err != nil {
			t.Fatal(err)
		}
		images := 0
		for _, s := range l.Strata {
			images += s.Images
		}
		if images != 199 || l.All.Images != 199 {
			t.Errorf("%s: %s", c.Name, short(l.Strata))
		}
	}
	var column *ColumnError
	if _, err := ByColumn(t.Context(), r, "odd"); !errors.As(err, &column) || !strings.Contains(err.Error(), "one of size, det_score") {
		t.Error(err)
	}
}

// ages are attributes of the example: its old images are of years before 2000.
func ages() *dataset.Attributes {
	a := &dataset.Attributes{Column: "era", ByPath: true, Values: map[string]string{"gone/1": "old", "gone/2": ""}}
	for k := range 10 {
		for i := range 18 {
			a.Values[fmt.Sprintf("n%d/%02d", k, i)] = map[bool]string{true: "old", false: "new"}[i < 4]
		}
	}
	return a
}

// Old images go, and the report's reader is told so; what the table does not tell is
// unknown.
func TestByAttributes(t *testing.T) {
	r := example(t)
	l, err := ByAttributes(t.Context(), r, ages())
	if err != nil {
		t.Fatal(err)
	}
	if got := short(l.Strata); got != "new: 140 139 1 0; old: 40 16 16 8 *; unknown: 19 19 0 0; " || *l.UnknownRows != 2 {
		t.Errorf("%s, %v", got, l.UnknownRows)
	}
	if s := l.Strata[1]; s.Share != .4 || s.Low < .263 || s.Low > .264 || s.High < .553 || s.High > .555 {
		t.Errorf("%+v", s) // Wilson's interval of 16 of 40
	}
	text := Text(l)
	for _, want := range []string{"by era\n", "\nold                         40      16      16       8  40.0 %  26.3 to 55.4 % *\n",
		"\nall                        199     174      17       8   8.5 %", "* loses clearly more than the others: 3 times", "one of 1000 groups",
		"1 image not counted", "2 rows of the attributes"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 81 || strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("too wide, or spaces at its end: %q", line)
		}
	}
	if _, err := json.Marshal(l); err != nil {
		t.Error(err)
	}
}

// What a table of attributes says stays in its line, whatever it holds.
func TestTextOfHostileValues(t *testing.T) {
	r := example(t)
	a := ages()
	for path, x := range a.Values {
		if x == "old" {
			a.Values[path] = "o\nl\x1b[31md" + strings.Repeat("x", 1<<20)
		}
	}
	a.Column = "e\nra"
	l, err := ByAttributes(t.Context(), r, a)
	if err != nil {
		t.Fatal(err)
	}
	text := Text(l)
	if !strings.HasPrefix(text, "by e%0Ara\n") || !strings.Contains(text, "\no%0Al%1B[31mdxxx") || len(text) > 1000 {
		t.Errorf("%.1000q", text)
	}
}

// Attributes of labels that are many numbers are grouped in quarters of the images, few
// numbers in their own order.
func TestByNumbers(t *testing.T) {
	r := example(t)
	a := &dataset.Attributes{Column: "age", Values: map[string]string{}}
	for k := range 9 {
		a.Values[fmt.Sprintf("n%d", k)] = fmt.Sprint(k + 3)
	}
	l, err := ByAttributes(t.Context(), r, a)
	if err != nil {
		t.Fatal(err)
	}
	if got := short(l.Strata); !strings.HasPrefix(got, "3: 20 16 3 1; 4: 20 17 2 1; ") || !strings.Contains(got, "9: 20 17 2 1; 10: 20") ||
		!strings.HasSuffix(got, "unknown: 19 19 0 0; ") || len(l.Strata) != 10 {
		t.Error(got)
	}
	for k := range 9 {
		a.Values[fmt.Sprintf("m%d", k)] = fmt.Sprint(k + 100) // labels that the report does not have
	}
	l, err = ByAttributes(t.Context(), r, a)
	if err != nil {
		t.Fatal(err)
	}
	want := "below 5: 40 33 5 2; 5 to below 7: 40 34 4 2; 7 to below 9: 40 34 4 2; 9 and more: 60 54 4 2; unknown: 19 19 0 0; "
	if got := short(l.Strata); got != want || *l.UnknownRows != 9 {
		t.Errorf("%s, %d", got, *l.UnknownRows)
	}
	if _, err := ByAttributes(t.Context(), r, &dataset.Attributes{Column: "x", Values: map[string]string{"m1": "y"}}); !errors.Is(err, ErrOtherSet) {
		t.Error(err)
	}
}

// Numbers stand before texts, in their order, whatever else is beside them.
func TestStrataHaveOneOrder(t *testing.T) {
	var names []stratumKey
	for _, n := range []string{"x", "10", "1a", "9", "NaN", "2"} {
		names = append(names, stratumKey{name: n})
	}
	for range 20 {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		slices.SortFunc(names, stratumKey.compare)
		var got []string
		for _, p := range names {
			got = append(got, p.name)
		}
		if want := "2 9 10 1a NaN x"; strings.Join(got, " ") != want {
			t.Fatalf("%v; want %s", got, want)
		}
	}
}
