package facesieve_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// modulePath is the module's own import path.
const modulePath = "github.com/facesieve/facesieve"

// rooms are the folders whose structs must not embed structs: what a struct has
// stands in fields with names.
var rooms = []string{"pipeline", "coordinator", "worker"}

// sources are the module's packages by import path: every Go file that is no test,
// whatever its build tags.
type sources struct {
	files    *token.FileSet
	packages map[string][]*ast.File
}

// parseModule reads every package below a folder, the module's root.
func parseModule(root string) (sources, error) {
	s := sources{token.NewFileSet(), map[string][]*ast.File{}}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (d.Name() == "testdata" || strings.ContainsAny(d.Name()[:1], "._")):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		below, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		return s.add(filepath.ToSlash(below), nil)
	})
	return s, err
}

// add parses one file, named by its path below the module's root; nil text: as it
// stands on the disk.
func (s sources) add(name string, text any) error {
	f, err := parser.ParseFile(s.files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	in := path.Join(modulePath, path.Dir(name))
	s.packages[in] = append(s.packages[in], f)
	return nil
}

// embeddings returns the fields by which structs below a room embed structs of this
// module, as "file:line: what", in order. Types of other modules and of the standard
// library are not judged, and interfaces may be embedded: error, say, by an error
// that wraps one. A name that cannot be resolved is returned too.
func (s sources) embeddings() (found []string) {
	for in, files := range s.packages {
		below := strings.TrimPrefix(in, modulePath+"/")
		if room, _, _ := strings.Cut(below, "/"); !slices.Contains(rooms, room) {
			continue
		}
		for _, f := range files {
			for _, field := range embedded(f) {
				if fault := s.judge(scope{s, in, f}, field); fault != "" {
					at := s.files.Position(field.Pos())
					found = append(found, fmt.Sprintf("%s:%d: %s", at.Filename, at.Line, fault))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// embedded returns the embedded fields of all structs of a file, those of types
// that stand inside functions included.
func embedded(f *ast.File) (fields []ast.Expr) {
	ast.Inspect(f, func(n ast.Node) bool {
		if s, is := n.(*ast.StructType); is {
			for _, field := range s.Fields.List {
				if len(field.Names) == 0 {
					fields = append(fields, field.Type)
				}
			}
		}
		return true
	})
	return fields
}

// judge says what is wrong with an embedded field, "" where it may stand.
func (s sources) judge(at scope, field ast.Expr) string {
	switch what, name := at.resolve(field, 0); what {
	case aStruct:
		return "embeds the struct " + name
	case unresolved:
		return "embeds " + name + ", which this test cannot resolve"
	}
	return ""
}

// category is what a type is as far as embedding goes.
type category int

const (
	other      category = iota // an interface, a function, a number, ...
	aStruct                    // a struct of this module
	elsewhere                  // a type of another module or the standard library
	unresolved                 // nobody declares it
)

// maxDepth ends a chain of types each defined as the next; code that compiles has
// none without an end.
const maxDepth = 16

// scope is where a type's name is looked up: a file of a package.
type scope struct {
	sources sources
	in      string // import path
	file    *ast.File
}

// resolve follows a type to what it stands for, through pointers, type arguments,
// aliases and types defined as another, and returns the name that it began with.
func (at scope) resolve(x ast.Expr, depth int) (category, string) {
	switch x := x.(type) {
	case *ast.StructType:
		return aStruct, "struct{...}"
	case *ast.StarExpr:
		what, name := at.resolve(x.X, depth)
		return what, "*" + name
	case *ast.ParenExpr:
		return at.resolve(x.X, depth)
	case *ast.IndexExpr:
		return at.resolve(x.X, depth)
	case *ast.IndexListExpr:
		return at.resolve(x.X, depth)
	case *ast.Ident:
		return at.named(at.in, x.Name, depth), x.Name
	case *ast.SelectorExpr:
		short := x.X.(*ast.Ident).Name
		name := short + "." + x.Sel.Name
		imported, found := at.imported(short)
		switch {
		case !found:
			return unresolved, name
		case imported != modulePath && !strings.HasPrefix(imported, modulePath+"/"):
			return elsewhere, name
		}
		return at.named(imported, x.Sel.Name, depth), name
	}
	return other, ""
}

// named says what a type of a package is. Where several files declare the name, for
// builds of different kinds or inside functions, one struct among them is enough.
func (at scope) named(in, name string, depth int) category {
	result := unresolved
	for _, f := range at.sources.packages[in] {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, is := n.(*ast.TypeSpec)
			if !is || spec.Name.Name != name || result == aStruct {
				return true
			}
			if depth < maxDepth {
				result, _ = scope{at.sources, in, f}.resolve(spec.Type, depth+1)
			}
			return true
		})
	}
	if result == unresolved && in == at.in && types.Universe.Lookup(name) != nil {
		return other
	}
	return result
}

// imported returns the path behind a file's name for an import.
func (at scope) imported(short string) (string, bool) {
	for _, i := range at.file.Imports {
		full, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		if i.Name != nil && i.Name.Name == short || i.Name == nil && calls(full, short) {
			return full, true
		}
	}
	return "", false
}

// calls says whether short may be the name of the package at an import path: its
// last element, before or after which a version may stand.
func calls(full, short string) bool {
	last := path.Base(full)
	if major, is := strings.CutPrefix(last, "v"); is && strings.Trim(major, "0123456789") == "" {
		last = path.Base(path.Dir(full))
	}
	last, _, _ = strings.Cut(last, ".v")
	return last == short || strings.TrimPrefix(last, "go-") == short || strings.TrimSuffix(last, ".go") == short
}

// No struct embeds another of this module: a reader sees where each field stands.
func TestNoStructEmbedsAnother(t *testing.T) {
	s, err := parseModule(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range rooms {
		if len(s.packages[path.Join(modulePath, room)]) == 0 {
			t.Errorf("%s holds no Go file", room)
		}
	}
	for _, fault := range s.embeddings() {
		t.Error(fault)
	}
}

// What the rule forbids is found, and what it allows is not.
func TestEmbeddingIsFound(t *testing.T) {
	const imports = `package judge

import (
	"io"
	"sync"

	"github.com/nats-io/nats.go"

	match "github.com/facesieve/facesieve/pipeline/stage/match"
	"github.com/facesieve/facesieve/schemas"
)

`
	const declared = `package schemas

type Spec struct{ x int }
type Word string
type Reader interface{ Read() }
type Verdict struct{ Spec } // of a package that the rule does not bind
`
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"another package's", "type a struct{ schemas.Spec }", []string{"embeds the struct schemas.Spec"}},
		{"another stage's, by pointer", "type a struct{ x int; *match.Session }",
			[]string{"embeds the struct *match.Session"}},
		{"one's own", "type a struct{ base }; type base struct{ x int }", []string{"embeds the struct base"}},
		{"one's own, by pointer", "type a struct{ *base }; type base struct{ x int }",
			[]string{"embeds the struct *base"}},
		{"with a type argument", "type a struct{ base[int] }; type base[T any] struct{ x T }",
			[]string{"embeds the struct base"}},
		{"defined as another", "type a struct{ base }; type base schemas.Spec", []string{"embeds the struct base"}},
		{"by an alias", "type a struct{ base }; type base = match.Session", []string{"embeds the struct base"}},
		{"inside a function", "func f() { type a struct{ schemas.Spec } }", []string{"embeds the struct schemas.Spec"}},
		{"without a name", "var v = struct{ schemas.Spec; n int }{}", []string{"embeds the struct schemas.Spec"}},
		{"of a field", "type a struct{ b struct{ *schemas.Spec } }", []string{"embeds the struct *schemas.Spec"}},
		{"two", "type a struct{ schemas.Spec; *match.Session }",
			[]string{"embeds the struct *match.Session", "embeds the struct schemas.Spec"}},
		{"declared nowhere", "type a struct{ gone; schemas.Gone }",
			[]string{"embeds gone, which this test cannot resolve", "embeds schemas.Gone, which this test cannot resolve"}},
		{"a field with a name", "type a struct{ spec schemas.Spec; s *match.Session }", nil},
		{"interfaces", "type a struct{ error; io.Reader; schemas.Reader; own }; type own interface{ f() }", nil},
		{"the standard library's and other modules'", "type a struct{ sync.Mutex; *nats.Conn }", nil},
		{"what is no struct", "type a struct{ schemas.Word; number }; type number int", nil},
		{"an interface in an interface", "type a interface{ io.Reader; schemas.Reader }", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sources{token.NewFileSet(), map[string][]*ast.File{}}
			for name, text := range map[string]string{
				"schemas/schemas.go":            declared,
				"pipeline/stage/match/match.go": "package match\ntype Session struct{ x int }",
				"pipeline/stage/judge/judge.go": imports + c.text,
			} {
				if err := s.add(name, text); err != nil {
					t.Fatal(err)
				}
			}
			got := s.embeddings()
			for i, fault := range got {
				got[i] = fault[strings.Index(fault, ": ")+2:]
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
