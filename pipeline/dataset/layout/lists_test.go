package layout

import (
	"math"
	"strings"
	"testing"
)

func FuzzIdentityMeta(f *testing.F) {
	for _, s := range []string{"Class_ID, Name, Sample_Num, Flag, Gender\nn000002, \"A_Fine_Frenzy\", 314, 1, x,\n",
		"n000001, Smith, John, 3, 0, m\n", "n1, \"a \"\"b\"\"\", 1, 1, f", "n1", ",", "\"n1\", \"x\" y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		names, err := parseIdentityMeta(strings.NewReader(s))
		for id := range names {
			if err == nil && (id == "" || strings.ContainsAny(id, ",\n")) {
				t.Errorf("id %q", id)
			}
		}
	})
}

func TestIdentityMeta(t *testing.T) {
	got, err := parseIdentityMeta(strings.NewReader("\ufeffClass_ID, Name, Sample_Num, Flag, Gender\r\n" +
		"n000001, \"Dalai_Lama\", 2, 0, m,\r\nn000002, Smith, John, 1, 1, f\nn000003, \"Smith, Ann\", 1, 1, f,\nn000004, \"a \"\"b\"\"\", 1, 1, f,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"n000001": "Dalai_Lama", "n000002": "Smith, John", "n000003": "Smith, Ann", "n000004": `a "b"`} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	if _, err := parseIdentityMeta(strings.NewReader("n000001, x, 1\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("short line: %v", err)
	}
}

func FuzzCASIANames(f *testing.F) {
	f.Add("0000045 Bruce_Lee\n")
	f.Add("45 x\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		names, err := parseCASIANames(strings.NewReader(s))
		for id := range names {
			if err == nil && len(id) != 7 {
				t.Errorf("id %q", id)
			}
		}
	})
}

func FuzzLandmarks(f *testing.F) {
	f.Add(`"n000001/0001_01",1,2,3,4,5,6,7,8,9,10`)
	f.Add(`n1/a,1,2,3,4,5,6,7,8,9,NaN`)
	f.Add(`/,1e40`)
	f.Fuzz(func(t *testing.T, s string) {
		id, stem, points, err := parseLandmarks(s)
		if err == nil && (id == "" || stem == "" || math.IsNaN(float64(points[0]+points[9]))) {
			t.Errorf("%q %q %v", id, stem, points)
		}
	})
}
