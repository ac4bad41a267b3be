package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

// writeArrow writes rows given as JSON as an Arrow IPC file of one batch.
func writeArrow(t testing.TB, rows string, fields ...arrow.Field) string {
	t.Helper()
	schema := arrow.NewSchema(fields, nil)
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	return writeBatch(t, schema, batch)
}

func writeBatch(t testing.TB, schema *arrow.Schema, batch arrow.Record) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "rows.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(batch), w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

var text = arrow.BinaryTypes.String

func field(name string, typ arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: typ, Nullable: true}
}

func TestManifest(t *testing.T) {
	csv := writeFile(t, "m.csv", "\ufeffpath,identity,object,offset,length,size,tag,name,lm1x,lm1y,lm2x,lm2y,lm3x,lm3y,lm4x,lm4y,lm5x,lm5y\n"+
		"z/1.jpg,b,all.rec,10,20,100,t1,Bo,1,2,3,4,5,6,7,8,9,10.5\n\"a/2,\n.jpg\",b,,,,,,,,,,,,,,,,\na/1\xff.jpg,a,,,,,,,,,,,,,,,,\n")
	d, err := Open(t.Context(), Options{URL: t.TempDir(), Manifest: csv})
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(t, d)
	if got := story(rows); got != "\"a\" \"a/1\\xff.jpg\"\n\"b\" \"a/2,\\n.jpg\"\n\"b\" \"z/1.jpg\"\n" {
		t.Errorf("rows:\n%s", got)
	}
	im := rows[2]
	if im.Object != "all.rec" || im.Offset != 10 || im.Length != 20 || im.Size != 100 || im.Tag != "t1" || im.Landmarks == nil || im.Landmarks[9] != 10.5 {
		t.Errorf("%+v", im)
	}
	if im := rows[0]; im.Object != im.Path || im.Length != -1 || im.Size != -1 || im.Landmarks != nil {
		t.Errorf("%+v", im)
	}
	if d.Name("b") != "Bo" || d.Name("a") != "" || d.Layout() != LayoutManifest {
		t.Errorf("names %q and %q, layout %s", d.Name("b"), d.Name("a"), d.Layout())
	}
}

func TestManifestArrow(t *testing.T) {
	file := writeArrow(t, `[{"path":"a/1.jpg","identity":7,"offset":3},{"path":"a/2.jpg","identity":8,"size":9}]`,
		field("path", text), field("identity", arrow.PrimitiveTypes.Int32), field("offset", arrow.PrimitiveTypes.Uint32), field("size", arrow.PrimitiveTypes.Int64))
	d, err := Open(t.Context(), Options{URL: t.TempDir(), Manifest: file})
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(t, d)
	if len(rows) != 2 || rows[0].Identity != "7" || rows[0].Offset != 3 || rows[0].Size != -1 || rows[1].Size != 9 || !d.collection.(*manifest).ordered {
		t.Errorf("%+v", rows)
	}
}

func TestManifestErrors(t *testing.T) {
	for content, want := range map[string]string{
		"":                                             "no CSV header",
		"path,label\na,b\n":                            `no column "identity"`,
		"path,identity,ofset\na,b,1\n":                 `unknown column "ofset"`,
		"path,identity\na/1.jpg,x\n../b.jpg,x\n":       "line 3: path",
		"path,identity\na/1.jpg,\n":                    "line 2: no identity",
		"path,identity\na,x\nb,y\x002\n":               `m.csv: line 3: identity "y\x002" holds a zero byte`,
		"path,identity\na,x\nb,x\na,y\n":               "line 4: path \"a\" stands twice, first at 2",
		"path,identity,offset\na,x,ten\n":              "line 2: column offset",
		"path,identity,offset,size\na,x,9,8\n":         "reach beyond",
		"path,identity,lm1x,lm1y\na,x,1,2\n":           "line 2: 2 of the ten",
		"path,identity,lm1x,lm1y\na,x,1,NaN\n":         "no finite number",
		"path,identity,name\na,x,Al\nb,x,Bo\n":         "line 3: identity",
		"path,identity\na\n":                           "wrong number of fields",
		"path,identity,path\na,b,c\n":                  "stands twice",
		"\xff\xff\xff\xff\x10\x00\x00\x00":             "stream",
		"ARROW1\x00\x00 and then nothing of the sort.": "m.csv",
	} {
		_, err := Open(t.Context(), Options{URL: t.TempDir(), Manifest: writeFile(t, "m.csv", content)})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "m.csv") {
			t.Errorf("%q: %v, want ...%s...", content, err, want)
		}
	}
}

func TestOverrides(t *testing.T) {
	a, digest, err := ReadOverrides(t.Context(), writeFile(t, "o.csv", "path,decision,identity,note\nb/1.jpg,relabel,new%25,x\na/caf%E9.jpg,drop,,\n"), store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []schemas.Override{{Path: "a/caf\xe9.jpg", Decision: schemas.Drop}, {Path: "b/1.jpg", Decision: schemas.Relabel, Identity: "new%"}}
	if !slices.Equal(a, want) {
		t.Errorf("%+v", a)
	}
	b, same, err := ReadOverrides(t.Context(), writeArrow(t, `[{"path":"a/caf%E9.jpg","decision":"drop"},{"path":"b/1.jpg","decision":"relabel","identity":"new%25"}]`,
		field("path", text), field("decision", text), field("identity", text)), store.S3Options{})
	if err != nil || !slices.Equal(b, want) || same != digest {
		t.Errorf("%+v, %s and %s, %v", b, digest, same, err)
	}
	for content, want := range map[string]string{
		"path,identity\na,b\n":                      `no column "decision"`,
		"path,decision\na,delete\n":                 "line 2: decision",
		"path,decision,identity\na,relabel,\n":      "line 2: relabel",
		"path,decision,identity\na,relabel,b%00\n":  `line 2: identity "b\x00" holds a zero byte`,
		"path,decision\n50%.jpg,keep\n":             "%25",
		"path,decision\na,keep\nb,drop\na,review\n": "line 4: path",
		"path,decision\n\"\",keep\n":                "no path",
	} {
		if _, _, err := ReadOverrides(t.Context(), writeFile(t, "o.csv", content), store.S3Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want ...%s...", content, err, want)
		}
	}
}

// vectorStory reads a vectors file as text.
func vectorStory(t *testing.T, file string) (string, int, error) {
	t.Helper()
	rows, dim, err := OpenVectors(t.Context(), file, store.S3Options{})
	if err != nil {
		return "", 0, err
	}
	var b strings.Builder
	for r, err := range rows {
		if err != nil {
			return b.String(), dim, err
		}
		fmt.Fprintln(&b, r.Identity, r.Path, r.Vector, r.Fault)
		if r.HasDetScore || r.HasLength || r.HasBox {
			fmt.Fprintln(&b, "-", r.DetScore, r.HasDetScore, r.Length, r.HasLength, r.Box, r.HasBox)
		}
	}
	return b.String(), dim, nil
}

func TestVectors(t *testing.T) {
	const shuffled = `[{"path":"2","identity":"b","vector":[1,2]},{"path":"3","identity":"b","vector":[0,0]},{"path":"9","identity":"a","vector":[0.5,-1]},{"path":"1","identity":"b"}]`
	const want = "a 9 [0.5 -1] \nb 1 [] not-finite-vector\nb 2 [1 2] \nb 3 [] not-finite-vector\n"
	for _, typ := range []arrow.DataType{arrow.ListOf(arrow.PrimitiveTypes.Float32), arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Float64),
		arrow.LargeListOf(arrow.PrimitiveTypes.Float32), arrow.FixedSizeListOf(2, arrow.FixedWidthTypes.Float16)} {
		file := writeArrow(t, shuffled, field("path", text), field("identity", text), field("vector", typ))
		if got, dim, err := vectorStory(t, file); got != want || dim != 2 || err != nil {
			t.Errorf("%s: %d %v\n%s", typ, dim, err, got)
		}
	}
	list := field("vector", arrow.ListOf(arrow.PrimitiveTypes.Float32))
	for rows, want := range map[string]string{
		`[{"path":"1","identity":"a","vector":[1,2]},{"path":"2","identity":"a","vector":[1]}]`:   "row 2",
		`[{"path":"1","identity":"a","vector":[1,2]},{"path":"1","identity":"b","vector":[1,3]}]`: "stands twice",
		`[{"path":"1","vector":[1,2]}]`:                       "no identity",
		`[{"path":"1","identity":"a\u00002","vector":[1,2]}]`: `row 1: identity "a\x002" holds a zero byte`,
		`[]`: "no vectors",
	} {
		if got, _, err := vectorStory(t, writeArrow(t, rows, field("path", text), field("identity", text), list)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v, want ...%s...", rows, got, err, want)
		}
	}
}

// What a table says of faces beside their vectors comes with them, in order or not; what
// it does not know is not known.
func TestVectorsWithFaces(t *testing.T) {
	const rows = `{"path":"1","identity":"a","vector":[1,2],"det_score":0.5,"length":9.5,"box":[1,-2,3,4]},
		{"path":"2","identity":"a","vector":[1,2],"det_score":0,"length":0,"box":[0,0,0,0]},
		{"path":"3","identity":"a","vector":[1,2]}`
	const want = "a 1 [1 2] \n- 0.5 true 9.5 true [1 -2 3 4] true\n" +
		"a 2 [1 2] \n- 0 true 0 false [0 0 0 0] false\na 3 [1 2] \n"
	const last = `,{"path":"0","identity":"a","vector":[2,1],"length":2}`
	fields := []arrow.Field{field("path", text), field("identity", text),
		field("vector", arrow.ListOf(arrow.PrimitiveTypes.Float32)), field("det_score", arrow.PrimitiveTypes.Float64),
		field("length", arrow.PrimitiveTypes.Float32), field("box", arrow.FixedSizeListOf(4, arrow.PrimitiveTypes.Float32))}
	for file, want := range map[string]string{
		"[" + rows + "]":        want,
		"[" + rows + last + "]": "a 0 [2 1] \n- 0 false 2 true [0 0 0 0] false\n" + want,
	} {
		if got, _, err := vectorStory(t, writeArrow(t, file, fields...)); got != want || err != nil {
			t.Errorf("%v\n%s\nwant\n%s", err, got, want)
		}
	}
	fields[5] = field("box", arrow.ListOf(arrow.PrimitiveTypes.Float64))
	for face, want := range map[string]string{
		`"det_score":1.5`: "det_score 1.5", `"det_score":-0.5`: "det_score -0.5", `"length":-1`: "length -1",
		`"box":[1,2,3]`: "box of 3 numbers", `"box":[1,2,3,null]`: "not finite",
	} {
		file := writeArrow(t, `[{"path":"1","identity":"a","vector":[1,2],`+face+`}]`, fields...)
		if _, _, err := vectorStory(t, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want ...%s...", face, err, want)
		}
	}
}

// TestDamagedArrow cuts an Arrow file and flips bits before its footer: an error
// or rows, no panic.
func TestDamagedArrow(t *testing.T) {
	whole, err := os.ReadFile(writeArrow(t, `[{"path":"1","identity":"a","vector":[1,2]},{"path":"2","identity":"a","vector":[1,5]}]`,
		field("path", text), field("identity", text), field("vector", arrow.ListOf(arrow.PrimitiveTypes.Float32))))
	if err != nil {
		t.Fatal(err)
	}
	footer := len(whole) - 10 - int(binary.LittleEndian.Uint32(whole[len(whole)-10:]))
	refused := 0
	for i := 0; i < footer; i += 3 {
		damaged := slices.Clone(whole)
		damaged[i] ^= 0x41
		if _, _, err := vectorStory(t, writeFile(t, "v.arrow", string(damaged))); err != nil {
			refused++
		}
	}
	for i := 0; i < len(whole); i += 7 {
		if _, _, err := vectorStory(t, writeFile(t, "v.arrow", string(whole[:i]))); err == nil {
			t.Errorf("a file of %d of %d bytes was read", i, len(whole))
		}
	}
	if refused == 0 {
		t.Error("no damage was seen")
	}
}
