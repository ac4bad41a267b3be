package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/facesieve/facesieve/pipeline/store"
)

func TestReadAttributes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ages.csv")
	for text, want := range map[string]string{
		"path,age\na/1.jpg, 31 \n\"a/2,%0A.jpg\",\na/1.jpg,31\n": "true map[a/1.jpg:31 a/2,\n.jpg:]",
		"age,identity\nold,a\nNaN,b\n":                           "false map[a:old b:]",
		"identity,path,age\na,a/1,4\n":                           "true map[a/1:4]", // the path goes before
		"path,age\n":                                             "true map[]",
		"name,age\na,1\n":                                        "no column path or identity among name, age",
		"path,gender\na,1\n":                                     "no column age among path, gender",
		"path,age\na/1,3\na/1,4\n":                               `line 3: path "a/1" stands twice, with age "3" and "4"`,
		"identity,age\n,3\n":                                     "line 2: no identity",
		"path,age\na%2.jpg,3\n":                                  "write a % as %25",
		"path,age\na/1\n":                                        "wrong number of fields",
		"path,age,age\na/1,3,3\n":                                `column "age" stands twice`,
		"":                                                       "no CSV header",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		a, err := ReadAttributes(t.Context(), name, "age", store.S3Options{})
		switch {
		case err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name)):
			t.Errorf("%q: %v, want %q", text, err, want)
		case err == nil && fmt.Sprint(a.ByPath, " ", a.Values) != want:
			t.Errorf("%q: %v %v, want %q", text, a.ByPath, a.Values, want)
		}
		if err != nil && strings.Contains(want, "no column ") != errors.Is(err, ErrNoColumn) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ReadAttributes(t.Context(), name+".gone", "age", store.S3Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// Columns of numbers, whole and not, and nulls of an Arrow file.
func TestReadAttributesFromArrow(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "path", Type: arrow.BinaryTypes.Binary},
		{Name: "age", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "year", Type: arrow.PrimitiveTypes.Int32}, {Name: "old", Type: arrow.FixedWidthTypes.Boolean}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.BinaryBuilder).AppendValues([][]byte{[]byte("a%2\xff"), []byte("b")}, nil)
	b.Field(1).(*array.Float64Builder).AppendValues([]float64{31.5, 0}, []bool{true, false})
	b.Field(2).(*array.Int32Builder).AppendValues([]int32{1990, 2001}, nil)
	b.Field(3).(*array.BooleanBuilder).AppendValues([]bool{true, false}, nil)
	name := filepath.Join(t.TempDir(), "ages.arrow")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(b.NewRecord()), w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{"age": "map[a%2\xff:31.5 b:]", "year": "map[a%2\xff:1990 b:2001]",
		"old": "column old holds bool, want text"} {
		a, err := ReadAttributes(t.Context(), name, column, store.S3Options{})
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && fmt.Sprint(a.Values) != want {
			t.Errorf("%s: %v, %v", column, a, err)
		}
	}
}

// Whatever a table of attributes holds, it is read or refused.
func FuzzAttributes(f *testing.F) {
	f.Add([]byte("path,age\na/1.jpg,31\n"))
	f.Add([]byte("identity,age\nb,\nb,\n"))
	f.Add([]byte("ARROW1\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		a, err := ReadAttributes(t.Context(), name, "age", store.S3Options{})
		if err != nil {
			return
		}
		for of, value := range a.Values {
			if of == "" || value != strings.TrimSpace(value) {
				t.Errorf("%q: %q", of, value)
			}
		}
	})
}
