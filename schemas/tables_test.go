package schemas

import (
	"bytes"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func f32(x float32) *float32 { return &x }
func str(s string) *string   { return &s }

var nasty = "a%b/\n\xff\u00e9\u0085 c.jpg"

func unit(rng *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	if err := RoundVector(v); err != nil {
		panic(err)
	}
	return v
}

func someRows() []Image {
	return []Image{
		{Path: "a/1.jpg", Identity: "a", Object: "a/1.jpg", Length: -1, Size: 10, Tag: "t"},
		{Path: nasty, Identity: "\xfe", Object: "x.tar", Offset: 512, Length: 77, Size: 1 << 40, Tag: "",
			Landmarks: &[10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10.5}},
	}
}

func someEmbeddings(dim int) []Embedding {
	rng := rand.New(rand.NewPCG(1, 2))
	return []Embedding{
		{Path: nasty, SHA256: [32]byte{1, 0xab}, Hashed: true, Width: 3, Height: 4, Faces: 2,
			Box: [4]float32{1, 2, 3, 4}, Landmarks: [10]float32{1}, DetScore: .5, HasDetScore: true, Length: 11.5, Vector: unit(rng, dim),
			Hashes: true, ImageHash: 1<<63 | 5, FaceHash: 7, ImageThumb: thumbnail(1), FaceThumb: thumbnail(2)},
		{Path: "gone", Faces: -1, Error: FaultMissing},
		{Path: "aligned", Hashed: true, Width: 112, Height: 112, Faces: -1, Vector: unit(rng, dim), Hashes: true},
		{Path: "noface", Hashed: true, Width: 112, Height: 112, Faces: 0, Error: FaultNoFace,
			Hashes: true, ImageHash: 3, ImageThumb: thumbnail(3)},
	}
}

func thumbnail(grey byte) []byte { return bytes.Repeat([]byte{grey}, ThumbnailBytes) }

func someVerdicts() []Verdict {
	e := someEmbeddings(8)
	for i := range e {
		e[i].Vector, e[i].Hashes, e[i].ImageHash, e[i].FaceHash = nil, false, 0, 0
		e[i].ImageThumb, e[i].FaceThumb = nil, nil
	}
	return []Verdict{
		{Embedding: e[0], Identity: nasty, Quality: f32(.75), Score: f32(.5), OtherIdentity: str("b%"), OtherScore: f32(-.1),
			PNoise: f32(.25), Type: TypeClean, Decision: Keep, Reason: "fine \u00e9",
			EvidenceFor: []string{nasty, "y"}, VectorObject: "vectors/x.arrow", VectorRow: 3},
		{Embedding: e[1], Identity: "b", Type: TypeUnreadable, Decision: Drop},
		{Embedding: e[3], Identity: "b", Type: TypeFlip, Decision: Relabel, SuggestedIdentity: str(nasty),
			PSuggested: f32(.5), DuplicateOf: str("q"), EvidenceAgainst: []string{"z"}},
	}
}

func someCentroids(dim int) []Centroid {
	return []Centroid{
		{Label: "a\xff", Name: "A", Images: 3, Usable: 2, Kept: 1, Rho: .5,
			Trimmed:  unit(rand.New(rand.NewPCG(3, 4)), dim),
			Matching: unit(rand.New(rand.NewPCG(5, 4)), dim)},
		{Source: "lfw", Label: "b", Images: 3},
	}
}

func someNearest() []Nearest {
	return []Nearest{
		{Row: 3, Identity: 7, Own: f32(.5), OwnCosines: []float32{.75, -.5}, OwnPositions: []int64{8, -1}, Identities: []int32{9, 0, 2},
			Cosines: []float32{.25, .125, -1}},
		{Row: 4, Identity: 8},
	}
}

func someEntries(dim int) []Entry {
	r := rand.New(rand.NewPCG(6, 4))
	return []Entry{
		{Row: 3, Identity: 7, List: 9, Second: 7, Asked: []int32{9, 0, 2}, Vector: unit(r, dim)},
		{Row: 4, Identity: 8, List: -1, Second: -1, Vector: unit(r, dim)},
	}
}

func someImageNeighbours() []ImageNeighbours {
	return []ImageNeighbours{
		{Row: 3, Identities: []int32{9, 2}, Cosines: []float32{.75, .5}, Positions: []int64{1 << 40, 0},
			Stays: []bool{true, false}},
		{Row: 4},
	}
}

func checkRoundTrip[T any](t *testing.T, name string,
	write func(io.Writer) error, read func(io.Reader) ([]T, error), want []T) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		var one, two bytes.Buffer
		if err := write(&one); err != nil {
			t.Fatal(err)
		}
		if err := write(&two); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Error("the same rows gave different bytes")
		}
		got, err := read(&one)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read back\n%+v\nwant\n%+v", got, want)
		}
	})
}

// checkVectorReaders wants each reader of a vectors object to leave out what it says.
func checkVectorReaders(t *testing.T, rows []Embedding) {
	t.Helper()
	write := func(w io.Writer) error { return WriteVectors(w, 9, rows) }
	vectors, sums, thumbnails := slices.Clone(rows), slices.Clone(rows), slices.Clone(rows)
	for i := range rows {
		vectors[i].ImageThumb, vectors[i].FaceThumb = nil, nil
		sums[i].Vector, sums[i].ImageThumb, sums[i].FaceThumb = nil, nil, nil
		thumbnails[i].Vector = nil
	}
	checkRoundTrip(t, "vectors", write, ReadVectors, vectors)
	checkRoundTrip(t, "sums", write, ReadVectorSums, sums)
	checkRoundTrip(t, "thumbnails", write, ReadThumbnails, thumbnails)
}

func TestRoundTrips(t *testing.T) {
	rows := someRows()
	checkRoundTrip(t, "rows", func(w io.Writer) error { return WriteRows(w, rows) }, ReadRows, rows)
	emb := someEmbeddings(9)
	checkVectorReaders(t, emb)
	ids := []Identity{{Label: "n1\xff", Name: "N", Images: 4}, {Label: "n2"}}
	checkRoundTrip(t, "labels", func(w io.Writer) error { return WriteLabels(w, ids) }, ReadLabels, ids)
	over := []Override{{Path: "a", Decision: Keep}, {Path: nasty, Decision: Relabel, Identity: "\xff"}}
	checkRoundTrip(t, "overrides", func(w io.Writer) error { return WriteOverrides(w, over) },
		ReadOverrides, over)
	cen := someCentroids(5)
	checkRoundTrip(t, "aggregate", func(w io.Writer) error { return WriteCentroids(w, 5, cen) },
		ReadCentroids, cen)
	matches := []Neighbour{{Kind: NeighbourReference, Source: "lfw", A: nasty, B: "b", Score: .5, NA: 3,
		NB: 1, APath: nasty, BPath: "q", PathScore: .7, Tier: TierProbable, P: .5},
		{Kind: NeighbourIdentity}}
	checkRoundTrip(t, "neighbours", func(w io.Writer) error { return WriteNeighbours(w, matches) },
		ReadNeighbours, matches)
	ver := someVerdicts()
	checkRoundTrip(t, "images", func(w io.Writer) error { return WriteVerdicts(w, ver) }, ReadVerdicts, ver)
	idv := []IdentityVerdict{{Identity: nasty, Name: str("N"), Images: 3, Usable: 2, MeanScore: f32(.5),
		NoiseRate: f32(.1), NearestIdentity: str("%"), NearestScore: f32(.2), Flag: "split"},
		{Identity: "b"}}
	checkRoundTrip(t, "identities", func(w io.Writer) error { return WriteIdentities(w, idv) },
		ReadIdentities, idv)
	near := someNearest()
	checkRoundTrip(t, "nearest", func(w io.Writer) error { return WriteNearest(w, near) }, ReadNearest, near)
	ent := someEntries(9)
	checkRoundTrip(t, "entries", func(w io.Writer) error { return WriteEntries(w, 9, ent) }, ReadEntries, ent)
	imn := someImageNeighbours()
	checkRoundTrip(t, "image neighbours", func(w io.Writer) error { return WriteImageNeighbours(w, imn) },
		ReadImageNeighbours, imn)
	looks := someSecondLooks(9)
	checkRoundTrip(t, "second looks", func(w io.Writer) error { return WriteSecondLooks(w, 9, looks) },
		ReadSecondLooks, looks)
	prs := []Pair{{Kind: "split", AIdentity: nasty, BIdentity: "b", APath: nasty, BPath: "c", Score: .5,
		P: .25}}
	checkRoundTrip(t, "pairs", func(w io.Writer) error { return WritePairs(w, prs) }, ReadPairs, prs)
	ovl := []Overlap{{Identity: nasty, Reference: "lfw", ReferenceIdentity: "x\xff", Tier: TierCertain,
		Score: .5, P: .25, NameMatch: true, EvidencePath: nasty, ReferencePath: "z", EvidenceScore: .75}}
	checkRoundTrip(t, "overlap", func(w io.Writer) error { return WriteOverlaps(w, ovl) }, ReadOverlaps, ovl)
}

func TestEmptyTables(t *testing.T) {
	var b bytes.Buffer
	if err := WritePairs(&b, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadPairs(&b); err != nil || len(got) != 0 {
		t.Fatalf("%v, %v", got, err)
	}
	b.Reset()
	if err := WriteVectors(&b, 4, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadVectors(&b); err != nil || len(got) != 0 {
		t.Fatalf("%v, %v", got, err)
	}
}
