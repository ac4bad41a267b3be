package runstore

import (
	"slices"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// axis is a unit vector along one of three axes.
func axis(k int) []float32 {
	v := make([]float32, 3)
	v[k] = 1
	return v
}

// found is a face in a box at a place, of a person who is an axis.
func found(x float32, person int, score float32, view schemas.View) schemas.LookedFace {
	return schemas.LookedFace{View: view, Box: [4]float32{x, 0, 10, 10}, DetScore: score, Length: 5, Vector: axis(person)}
}

// Under the label stand two images along the first axis, and one that is looked at twice.
func TestWhichFaceCounts(t *testing.T) {
	first := func(x, score float32, person int) schemas.Embedding {
		return schemas.Embedding{Box: [4]float32{x, 0, 10, 10}, DetScore: score, HasDetScore: true, Length: 9, Vector: axis(person), Faces: 1}
	}
	both := []float32{1, 1, 0}
	if err := schemas.RoundVector(both); err != nil {
		t.Fatal(err)
	}
	none := schemas.Embedding{Error: schemas.FaultNoFace}
	for name, c := range map[string]struct {
		first  schemas.Embedding
		faces  []schemas.LookedFace
		vector []float32
		score  float32
		length float32
	}{
		"its own face, level":              {first(0, .8, 1), []schemas.LookedFace{found(1, 0, .9, schemas.ViewLevel)}, both, .9, 9},
		"a lower score":                    {first(0, .8, 1), []schemas.LookedFace{found(1, 0, .7, schemas.ViewLevel)}, both, .8, 9},
		"better in another view":           {first(0, .8, 1), []schemas.LookedFace{found(1, 0, .9, schemas.ViewTurned90)}, axis(0), .9, 5},
		"another person of the picture":    {first(0, .9, 1), []schemas.LookedFace{found(50, 0, .99, schemas.ViewTile)}, axis(1), .9, 9},
		"hardly a face, and nobody else":   {first(0, .6, 1), []schemas.LookedFace{found(50, 0, .8, schemas.ViewTile)}, axis(1), .6, 9},
		"hardly a face, another surely":    {first(0, .6, 1), []schemas.LookedFace{found(50, 2, .9, schemas.ViewTile)}, axis(2), .9, 5},
		"of others, the label's":           {first(0, .6, 1), []schemas.LookedFace{found(50, 2, .9, schemas.ViewTile), found(70, 0, .86, schemas.ViewTile)}, axis(0), .86, 5},
		"no face at first":                 {none, []schemas.LookedFace{found(50, 2, .9, schemas.ViewTile), found(70, 0, .6, schemas.ViewTile)}, axis(0), .6, 5},
		"no face at either look":           {none, nil, nil, 0, 0},
		"a second look that found nothing": {first(0, .8, 1), nil, axis(1), .8, 9},
	} {
		v := &Vectors{Rows: make([]schemas.Image, 3), Embeddings: []schemas.Embedding{first(0, .95, 0), first(0, .95, 0), c.first}}
		for i := range v.Rows {
			v.Rows[i] = schemas.Image{Identity: "ann", Path: string(rune('a' + i))}
		}
		if err := v.join([]schemas.SecondLook{{Path: "c", Faces: c.faces}}, 3); err != nil {
			t.Fatal(err)
		}
		e := v.Embeddings[2]
		if !slices.Equal(e.Vector, c.vector) || e.DetScore != c.score || e.Length != c.length || (e.Vector == nil) != (e.Error != schemas.FaultNone) {
			t.Errorf("%s: %v, score %v, length %v, fault %q", name, e.Vector, e.DetScore, e.Length, e.Error)
		}
	}
}

func TestLooksOutOfOrder(t *testing.T) {
	v := &Vectors{Rows: []schemas.Image{{Path: "a"}, {Path: "b"}}, Embeddings: make([]schemas.Embedding, 2)}
	if err := v.join([]schemas.SecondLook{{Path: "b"}, {Path: "a"}}, 3); err == nil {
		t.Error("looks that stand out of order were taken")
	}
}

// Of the faces of a second look, those of the place where the image's own one is are not
// other ones, in whatever view they were found.
func TestOtherFacesOfThePicture(t *testing.T) {
	first := schemas.Embedding{Box: [4]float32{0, 0, 10, 10}, DetScore: .8, HasDetScore: true, Vector: axis(0)}
	own, again, other := found(1, 0, .9, schemas.ViewLevel), found(2, 0, .8, schemas.ViewWhole), found(50, 1, .9, schemas.ViewTile)
	for name, c := range map[string]struct {
		first            schemas.Embedding
		faces            []schemas.LookedFace
		others           []float32 // where they are
		joined, replaced bool
	}{
		"alone":                   {first, []schemas.LookedFace{own}, nil, true, false},
		"twice":                   {first, []schemas.LookedFace{own, again}, nil, true, false},
		"beside another":          {first, []schemas.LookedFace{own, other}, []float32{50}, true, false},
		"the other one alone":     {first, []schemas.LookedFace{other}, []float32{50}, false, false},
		"in another view alone":   {first, []schemas.LookedFace{again, other}, []float32{50}, true, true},
		"none found at first":     {schemas.Embedding{Error: schemas.FaultNoFace}, []schemas.LookedFace{other}, nil, true, true},
		"landmarks in none":       {marked(200), []schemas.LookedFace{other}, []float32{50}, false, false},
		"landmarks in none level": {marked(200), []schemas.LookedFace{own, other}, []float32{50}, true, false},
		"landmarks in another":    {marked(55), []schemas.LookedFace{again, other}, []float32{2}, true, true},
		"landmarks in a level one": {marked(55), []schemas.LookedFace{own, found(51, 1, .8, schemas.ViewLevel)},
			[]float32{1}, true, false},
		"nothing is known": {schemas.Embedding{Vector: axis(0)}, []schemas.LookedFace{own, other}, []float32{50}, true, false},
	} {
		v := &Vectors{Rows: []schemas.Image{{Path: "a"}, {Path: "b"}}, Embeddings: []schemas.Embedding{{Vector: axis(0)}, c.first}}
		if err := v.join([]schemas.SecondLook{{Path: "b", Faces: c.faces}}, 3); err != nil {
			t.Fatal(err)
		}
		var others []float32
		for _, f := range v.OtherFaces(1) {
			others = append(others, f.Box[0])
		}
		if !slices.Equal(others, c.others) || v.Joined(1) != c.joined || v.Replaced(1) != c.replaced {
			t.Errorf("%s: others %v, joined %v, replaced %v", name, others, v.Joined(1), v.Replaced(1))
		}
		if v.OtherFaces(0) != nil || v.Joined(0) || v.Replaced(0) {
			t.Errorf("%s: an image that was looked at once has other faces", name)
		}
	}
}

// marked is an embedding by landmarks around a place, without a box.
func marked(x float32) schemas.Embedding {
	return schemas.Embedding{Landmarks: [10]float32{x - 2, 3, x + 2, 3, x, 5, x - 1, 7, x + 1, 7}, Vector: axis(0), Faces: -1}
}

// Faces of second looks take the memory that images do.
func TestFacesCountInMemory(t *testing.T) {
	v := &Vectors{Rows: make([]schemas.Image, 4), Looks: []*schemas.SecondLook{nil, {}, {Faces: make([]schemas.LookedFace, 8)}, nil}}
	if n := v.held(); n != 12 {
		t.Errorf("4 images and 8 faces count as %d", n)
	}
}
