package schemas

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"
)

// fields builds, as FORMAT.md says and without the package's own hasher, the
// bytes that an id is the hash of.
type fields []byte

func (f fields) text(s string) fields { return append(f.number(int64(len(s))), s...) }

func (f fields) number(n int64) fields { return binary.LittleEndian.AppendUint64(f, uint64(n)) }

func (f fields) landmarks(h *[10]float32) fields {
	if h == nil {
		return append(f, 0)
	}
	return append(f, 1).floats(h[:]...)
}

func (f fields) floats(all ...float32) fields {
	for _, x := range all {
		f = binary.LittleEndian.AppendUint32(f, math.Float32bits(x))
	}
	return f
}

func (f fields) clone() fields { return slices.Clone(f) }

func (f fields) id() string {
	sum := sha256.Sum256(f)
	return hex.EncodeToString(sum[:16])
}

func (f fields) digest() Digest {
	sum := sha256.Sum256(f)
	return Digest(hex.EncodeToString(sum[:]))
}

func (f fields) embedding(e EmbedSpec) fields {
	return append(f.text(string(e.Digest())).text("k1"), 1)
}

func TestIDsAreAsDocumented(t *testing.T) {
	rows := someRows()
	embed := someSpec().Embed
	sums := [][32]byte{{1, 2}, {}}
	n := int64(len(rows))
	rowsID := fields{}.text("facesieve rows 1").number(n)
	listed := fields{}.text("facesieve listed 1").number(n)
	family := fields{}.text("facesieve family 2").embedding(embed).number(n)
	vectors := fields{}.text("facesieve vectors 2").embedding(embed).number(n)
	sourceRows := fields{}.text("facesieve source rows 1")
	source := NewSourceHasher()
	for i, r := range rows {
		rowsID = rowsID.text(r.Path).text(r.Identity).text(r.Object).number(r.Offset).number(r.Length).
			number(r.Size).text(r.Tag).landmarks(r.Landmarks)
		listed = listed.text(r.Path).number(r.Size).text(r.Tag).landmarks(r.Landmarks)
		family = family.text(r.Path).landmarks(r.Landmarks)
		vectors = append(vectors.text(r.Path), sums[i][:]...).landmarks(r.Landmarks)
		sourceRows = sourceRows.text(r.Path).text(r.Identity).number(r.Size).text(r.Tag).
			landmarks(r.Landmarks)
		source.Add(r)
		source.AddIdentity(Identity{Label: r.Identity, Name: "N", Images: 9})
	}
	sourceIDs := fields{}.text("facesieve source identities 1")
	for _, r := range rows {
		sourceIDs = sourceIDs.text(r.Identity).text("N")
	}
	wantSource := fields{}.text("facesieve source 1").number(n)
	r, i := sha256.Sum256(sourceRows), sha256.Sum256(sourceIDs)
	wantSource = append(append(wantSource, r[:]...).number(n), i[:]...)
	labels := fields{}.text("facesieve labels 1").number(1).text("l").text("N").number(4)
	overrides := fields{}.text("facesieve overrides 1").number(2).
		text("a").text("keep").text("").text("b").text("relabel").text("x")
	for name, c := range map[string][2]string{
		"rows":   {RowsID(rows), rowsID.id()},
		"listed": {ListedID(rows), listed.id()},
		"embed": {EmbedID(embed, "k1", true, "L"),
			fields{}.text("facesieve embed 2").embedding(embed).text("L").id()},
		"family":  {FamilyID(embed, "k1", true, rows), family.id()},
		"vectors": {ContentID(embed, "k1", true, rows, sums), vectors.id()},
		"labels":  {LabelsID([]Identity{{Label: "l", Name: "N", Images: 4}}), labels.id()},
		"source":  {string(source.Sum()), string(wantSource.digest())},
		"overrides": {string(OverridesDigest([]Override{
			{Path: "b", Decision: Relabel, Identity: "x"}, {Path: "a", Decision: Keep},
		})), string(overrides.digest())},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: id %s; as documented %s", name, c[0], c[1])
		}
	}
}

func TestPrecomputedVectorsAreInTheSourceDigest(t *testing.T) {
	s := NewSourceHasher()
	plain := Embedding{Path: "p", Vector: []float32{1, -2}}
	full := plain
	full.HasDetScore, full.Length, full.Box = true, 9.5, [4]float32{1, 0, 3, 4}
	second := LookedFace{Vector: []float32{3, 4}, DetScore: .5}
	s.AddVector("i", &plain, nil)
	s.AddVector("i", &full, &second)
	given := fields{}.number(2).floats(1, -2)
	all := append(append(append(given.clone(), 1).floats(0), 1).floats(9.5), 1).floats(1, 0, 3, 4)
	all = append(all, 1).floats(3, 4, .5)
	none := append(given.clone(), 0, 0, 0, 0)
	for tag, want := range map[string]fields{GivenTag(&plain, nil): none, GivenTag(&full, &second): all} {
		if id := append(fields{}.text("facesieve given 2"), want...).id(); tag != id {
			t.Errorf("tag %s; as documented %s", tag, id)
		}
	}
	rows := append(fields{}.text("facesieve source rows 1").text("p").text("i"), none...)
	rows = append(rows.text("p").text("i"), all...)
	r, i := sha256.Sum256(rows), sha256.Sum256(fields{}.text("facesieve source identities 1"))
	want := append(append(fields{}.text("facesieve source 1").number(2), r[:]...).number(0), i[:]...)
	if got := s.Sum(); got != want.digest() {
		t.Errorf("%s; as documented %s", got, want.digest())
	}
}

// someSpec is a valid Spec of a set and one reference.
func someSpec() Spec {
	digest := Digest(strings.Repeat("0123456789abcdef", 4))
	return Spec{
		Version: SpecVersion,
		Data: DataSpec{
			Set:         SourceSpec{Digest: digest, Images: 3},
			References:  []SourceSpec{{Name: "lfw", Digest: digest, Images: 2, Aligned: true}},
			ShardImages: 2048,
		},
		Embed: EmbedSpec{
			Model: digest,
			Contract: ModelContract{Width: 112, Height: 112, Channels: "rgb", Scale: "0.0078125",
				Mean: [3]Decimal{"0.99609375", "0.99609375", "0.99609375"}, Std: [3]Decimal{"1", "1", "1"},
				Dim: 128, Points: "arcface-112"},
			Detector: digest, Detection: Detection{Decoding: "yunet-1", Size: 320, Score: "0.6", NMS: "0.3"},
			Alignment: "umeyama-112-1", Flip: "sum-2", Decode: "1",
		},
		Judge: JudgeSpec{Method: "1", Drop: "0.95", Review: "0.5", Certain: "0.01", Probable: "0.5"},
	}
}

// The canonical text is written out here by hand: keys sorted, no white space.
func TestRunIDIsAsDocumented(t *testing.T) {
	d := strings.Repeat("0123456789abcdef", 4)
	text := `{"data":{"references":[{"aligned":true,"digest":"` + d + `","images":2,"name":"lfw"}],` +
		`"set":{"aligned":false,"digest":"` + d + `","images":3,"name":""},"shard_images":2048},` +
		`"embed":{"alignment":"umeyama-112-1","contract":{"channels":"rgb","dim":128,"height":112,` +
		`"mean":["0.99609375","0.99609375","0.99609375"],"points":"arcface-112","scale":"0.0078125","std":["1","1","1"],"width":112},` +
		`"decode":"1","detection":{"decoding":"yunet-1","nms":"0.3","score":"0.6","size":320},"detector":"` + d + `","flip":"sum-2","model":"` + d + `"},` +
		`"judge":{"certain":"0.01","drop":"0.95","method":"1","probable":"0.5","review":"0.5"},"version":5}`
	sum := sha256.Sum256([]byte(text))
	got, err := someSpec().ID()
	if err != nil {
		t.Fatal(err)
	}
	if want := hex.EncodeToString(sum[:16]); string(got) != want {
		t.Errorf("run id %s; as documented %s", got, want)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
}

// Two sequences of fields whose concatenated bytes are equal have two ids.
func TestIDsKeepFieldsApart(t *testing.T) {
	a := RowsID([]Image{{Path: "ab", Identity: "c"}})
	b := RowsID([]Image{{Path: "a", Identity: "bc"}})
	if a == b {
		t.Error("a byte moved from one field to the next and the id stayed")
	}
}
