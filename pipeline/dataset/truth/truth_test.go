package truth

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func TestTruthThatIsWrong(t *testing.T) {
	const header = "issue,path,identity,other,detail\n"
	for text, want := range map[string]string{
		"":                                      "empty",
		"issue,path\n":                          "wrong number of fields",
		"a,b,c,d,e\n":                           "the columns are",
		header + "odd,train/a/1.jpg,a,,\n":      `line 2: unknown issue "odd"`,
		header + "outlier,train/a/1.jpg,,,\n":   "no identity",
		header + "outlier,,a,,\n":               "outlier with path",
		header + "split,train/a/1.jpg,a,b,\n":   "split with path",
		header + "flip,train/a/1.jpg,a,,\n":     "flip with other",
		header + "outlier,train/a/1.jpg,a,b,\n": "outlier with other",
		header + "outlier,../1.jpg,a,,\n":       "no clean path",
		header + "outlier,/1.jpg,a,,\n":         "no clean path",
		header + "duplicate,train/a/1.jpg,a,train/a/2.jpg,near\n":         "a copy is",
		header + "outlier,train/a/1.jpg,a,,\nbroken,train/a/1.jpg,a,,x\n": "line 3: \"train/a/1.jpg\" has two faults",
		header + "outlier,\"train/a\n1.jpg\",a,,\n":                       "control character",
	} {
		if rows, err := Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, rows, err, want)
		}
	}
}

func TestTruthOfNoSet(t *testing.T) {
	if _, err := Read(t.TempDir() + "/truth.csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func FuzzTruth(f *testing.F) {
	f.Add("issue,path,identity,other,detail\nflip,train/n000001/0001_01.jpg,n000001,n000002,\nsplit,,n000003,n000004,\n")
	f.Add("issue,path,identity,other,detail\nduplicate,a/1,a,a/2,exact\nsame-image,a/1,a,b/1,\n\"overlap\",,a,\"b\"\"c\",\n")
	f.Fuzz(func(t *testing.T, s string) {
		rows, err := Parse(strings.NewReader(s))
		if err != nil {
			return
		}
		data, err := Format(rows)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(bytes.NewReader(data))
		if err != nil || !slices.Equal(again, rows) {
			t.Errorf("%q gives %+v, then %+v, %v", s, rows, again, err)
		}
	})
}
