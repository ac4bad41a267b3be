package schemas

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// someTables are small valid files and the readers for them.
func someTables(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	add := func(name string, write func(io.Writer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	add("rows", func(w io.Writer) error { return WriteRows(w, someRows()) })
	add("labels", func(w io.Writer) error { return WriteLabels(w, []Identity{{Label: "l"}}) })
	add("vectors", func(w io.Writer) error { return WriteVectors(w, 8, someEmbeddings(8)) })
	add("aggregate", func(w io.Writer) error { return WriteCentroids(w, 8, someCentroids(8)) })
	add("neighbours", func(w io.Writer) error {
		return WriteNeighbours(w, []Neighbour{{Kind: NeighbourNearest, A: "a"}})
	})
	add("images", func(w io.Writer) error { return WriteVerdicts(w, someVerdicts()) })
	add("identities", func(w io.Writer) error {
		return WriteIdentities(w, []IdentityVerdict{{Identity: "a"}})
	})
	add("pairs", func(w io.Writer) error { return WritePairs(w, []Pair{{Kind: "split"}}) })
	add("overlap", func(w io.Writer) error { return WriteOverlaps(w, []Overlap{{Tier: TierReview}}) })
	add("nearest", func(w io.Writer) error { return WriteNearest(w, someNearest()) })
	add("entries", func(w io.Writer) error { return WriteEntries(w, 8, someEntries(8)) })
	add("image neighbours", func(w io.Writer) error { return WriteImageNeighbours(w, someImageNeighbours()) })
	add("second looks", func(w io.Writer) error { return WriteSecondLooks(w, 8, someSecondLooks(8)) })
	add("overrides", func(w io.Writer) error {
		return WriteOverrides(w, []Override{{Path: "a", Decision: Keep}})
	})
	return files
}

// readers reads data as every table and tells what each said.
func readers(data []byte) map[string]error {
	_, rows := ReadRows(bytes.NewReader(data))
	_, labels := ReadLabels(bytes.NewReader(data))
	_, vectors := ReadVectors(bytes.NewReader(data))
	_, sums := ReadVectorSums(bytes.NewReader(data))
	_, aggregate := ReadCentroids(bytes.NewReader(data))
	_, neighbours := ReadNeighbours(bytes.NewReader(data))
	_, images := ReadVerdicts(bytes.NewReader(data))
	_, identities := ReadIdentities(bytes.NewReader(data))
	_, pairs := ReadPairs(bytes.NewReader(data))
	_, overlap := ReadOverlaps(bytes.NewReader(data))
	_, overrides := ReadOverrides(bytes.NewReader(data))
	_, nearest := ReadNearest(bytes.NewReader(data))
	_, entries := ReadEntries(bytes.NewReader(data))
	_, imageNeighbours := ReadImageNeighbours(bytes.NewReader(data))
	_, looks := ReadSecondLooks(bytes.NewReader(data))
	return map[string]error{"second looks": looks, "nearest": nearest, "entries": entries, "image neighbours": imageNeighbours, "rows": rows, "labels": labels, "vectors": vectors, "sums": sums,
		"aggregate": aggregate, "neighbours": neighbours,
		"images": images, "identities": identities, "pairs": pairs, "overlap": overlap,
		"overrides": overrides}
}

func TestEachReaderTakesItsOwnTableAlone(t *testing.T) {
	for name, data := range someTables(t) {
		for reader, err := range readers(data) {
			own := reader == name || reader == "sums" && name == "vectors"
			if own && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !own && !errors.Is(err, ErrFormat) {
				t.Errorf("%s read as %s: %v; want ErrFormat", name, reader, err)
			}
		}
	}
}

func TestTruncatedTablesAreRefused(t *testing.T) {
	for name, data := range someTables(t) {
		for n := 0; n < len(data); n += 61 {
			if err := readers(data[:n])[name]; !errors.Is(err, ErrFormat) {
				t.Fatalf("%s cut to %d of %d bytes: %v; want ErrFormat", name, n, len(data), err)
			}
		}
	}
}

// Every third byte is changed once: a reader may take the file or refuse it, and must
// come back.
func TestChangedBytesNeverPanic(t *testing.T) {
	for name, data := range someTables(t) {
		if name != "vectors" && name != "images" && name != "entries" && name != "image neighbours" &&
			name != "second looks" {
			continue
		}
		for i := 0; i < len(data); i += 3 {
			bad := bytes.Clone(data)
			bad[i] ^= 0xff
			var err error
			switch name {
			case "vectors":
				_, err = ReadVectors(bytes.NewReader(bad))
			case "images":
				_, err = ReadVerdicts(bytes.NewReader(bad))
			case "entries":
				_, err = ReadEntries(bytes.NewReader(bad))
			case "second looks":
				_, err = ReadSecondLooks(bytes.NewReader(bad))
			default:
				_, err = ReadImageNeighbours(bytes.NewReader(bad))
			}
			if err != nil && !errors.Is(err, ErrFormat) {
				t.Fatalf("%s with byte %d changed: %v; want ErrFormat", name, i, err)
			}
		}
	}
}

// custom writes a file of one record with the columns of t, changed by hand.
func custom(t *testing.T, schema *arrow.Schema, cols []arrow.Array) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := ipc.NewFileWriter(&counter{w: &b}, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(array.NewRecord(schema, cols, 1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The lists of a row that belong together have one length.
func TestUnevenListsAreRefused(t *testing.T) {
	var near, images bytes.Buffer
	one, two := someNearest(), someImageNeighbours()
	one[0].Cosines, two[0].Stays = one[0].Cosines[1:], two[0].Stays[1:]
	if err := errors.Join(WriteNearest(&near, one), WriteImageNeighbours(&images, two)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadNearest(&near); !errors.Is(err, ErrFormat) {
		t.Errorf("nearest: %v; want ErrFormat", err)
	}
	if _, err := ReadImageNeighbours(&images); !errors.Is(err, ErrFormat) {
		t.Errorf("image neighbours: %v; want ErrFormat", err)
	}
}

func TestNullsAndUnescapableTextAreRefused(t *testing.T) {
	schema := overridesTable().schema()
	path := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	path.AppendNull()
	word := array.NewStringBuilder(memory.DefaultAllocator)
	word.Append("keep")
	label := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	label.AppendString("x")
	data := custom(t, schema, []arrow.Array{path.NewArray(), word.NewArray(), label.NewArray()})
	if _, err := ReadOverrides(bytes.NewReader(data)); !errors.Is(err, ErrFormat) ||
		!strings.Contains(err.Error(), "path") {
		t.Errorf("a null path: %v; want ErrFormat naming the column", err)
	}
	var b bytes.Buffer
	if err := WritePairs(&b, []Pair{{Kind: "split", AIdentity: "%"}}); err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(b.Bytes(), []byte("%25"), []byte("%zz"), 1)
	if _, err := ReadPairs(bytes.NewReader(bad)); !errors.Is(err, ErrFormat) ||
		!strings.Contains(err.Error(), "a_identity") {
		t.Errorf("a bad escape: %v; want ErrFormat naming the column", err)
	}
}

// A footer that states more of anything than the file can hold is refused
// before Arrow allocates for it.
func TestHugeCountsAreRefused(t *testing.T) {
	data := someTables(t)["rows"]
	size := int(binary.LittleEndian.Uint32(data[len(data)-10:]))
	footer := len(data) - 10 - size
	refused := 0
	for i := footer; i+4 <= len(data)-10; i += 4 {
		bad := bytes.Clone(data)
		binary.LittleEndian.PutUint32(bad[i:], 0x7ffffff0)
		if _, err := ReadRows(bytes.NewReader(bad)); err != nil {
			refused++
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("word %d: %v; want ErrFormat", i, err)
			}
		}
	}
	if refused == 0 {
		t.Error("no changed footer was refused")
	}
}

func FuzzReaders(f *testing.F) {
	for _, data := range someTables(f) {
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte("ARROW1\x00\x00ARROW1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, err := range readers(data) {
			if err != nil && !errors.Is(err, ErrFormat) {
				t.Errorf("%s: %v; want ErrFormat", name, err)
			}
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	for _, v := range []any{someSpec(), somePlan(), Pointer{}, Summary{}, Timing{}} {
		data, err := Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []any{
			&Spec{}, &Plan{}, &Pointer{}, &Summary{}, &Timing{}, &SourceFile{}, &Attempt{}, &TaskTiming{},
		} {
			if err := Unmarshal(data, v); err != nil {
				continue
			}
			if _, err := Marshal(v); err != nil {
				t.Errorf("%T was read and can't be written: %v", v, err)
			}
		}
	})
}
