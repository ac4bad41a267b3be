package schemas

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func someSecondLooks(dim int) []SecondLook {
	r := rand.New(rand.NewPCG(7, 4))
	return []SecondLook{
		{Path: nasty, SHA256: [32]byte{1, 0xab}, Faces: []LookedFace{
			{View: ViewLevel, Box: [4]float32{1, 2, 3, 4}, Landmarks: [10]float32{-1}, DetScore: .5, Length: 11.5,
				Vector: unit(r, dim)},
			{View: ViewTile, DetScore: .75, Vector: unit(r, dim)},
		}},
		{Path: "none", SHA256: [32]byte{2}, Error: FaultNoFace},
		{Path: "gone", Error: FaultMissing},
		{Path: "aligned", SHA256: [32]byte{3}},
	}
}

func TestViewsAreListedByRank(t *testing.T) {
	for i, v := range Views() {
		if v.Rank() != i || !v.Known() {
			t.Errorf("view %s has rank %d at position %d", v, v.Rank(), i)
		}
	}
	if unknown := View("guess"); unknown.Known() || unknown.Rank() <= ViewTile.Rank() {
		t.Errorf("a view of no list has rank %d, known %v", unknown.Rank(), unknown.Known())
	}
}

// What no engine makes is written by nobody and, where a file holds it, refused.
func TestSecondLooksThatContradictThemselves(t *testing.T) {
	v := func() []float32 { return unit(rand.New(rand.NewPCG(1, 1)), 4) }
	for name, looks := range map[string][]SecondLook{
		"fault":      {{Path: "a", Error: "guess"}},
		"both":       {{Path: "a", Error: FaultNoFace, Faces: []LookedFace{{View: ViewTile, Vector: v()}}}},
		"no vector":  {{Path: "a", Faces: []LookedFace{{View: ViewTile}}}},
		"no view":    {{Path: "a", Faces: []LookedFace{{Vector: v()}}}},
		"order":      {{Path: "a", Faces: []LookedFace{{View: ViewTile, Vector: v()}, {View: ViewLevel, Vector: v()}}}},
		"path twice": {{Path: "a"}, {Path: "a"}},
		"dimension":  {{Path: "a", Faces: []LookedFace{{View: ViewTile, Vector: v()[:3]}}}},
		"not finite": {{Path: "a", Faces: []LookedFace{{View: ViewTile, Vector: v(), Box: [4]float32{float32(math.NaN())}}}}},
		"too many":   {{Path: "a", Faces: make([]LookedFace, MaxFaces+1)}},
	} {
		if err := WriteSecondLooks(&bytes.Buffer{}, 4, looks); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	row := lookRow{path: "a", face: LookedFace{View: ViewTile, Vector: v()}}
	other, none := row, row
	other.sha256, none.face = [32]byte{1}, LookedFace{}
	for name, rows := range map[string][]lookRow{
		"digest":             {row, other},
		"a face and none":    {row, none},
		"none and a face":    {none, row},
		"none twice":         {none, none},
		"a view, no vector":  {{path: "a", face: LookedFace{View: ViewTile}}},
		"more faces than ok": {row, row, row, row, row, row, row, row, row},
	} {
		var b bytes.Buffer
		if err := secondLookTable(4).write(&b, rows); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSecondLooks(&b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v; want ErrFormat", name, err)
		}
	}
}
