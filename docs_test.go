package facesieve_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// documented are the folders whose exported functions and methods, those of the
// packages below them included, must have a doc comment that begins with their name
// and a verb.
var documented = []string{
	"cluster",
	"coordinator",
	"embed",
	"internal",
	"pipeline",
	"schemas",
	"worker",
}

// undocumented returns the exported functions and methods below a folder whose doc
// comment says not, by their name and a verb, what they do: "file:line: name: fault",
// in order. Methods of types that are not exported are not judged, methods of
// interfaces are.
func (s sources) undocumented(folder string) (found []string) {
	for in, files := range s.packages {
		below := strings.TrimPrefix(in, modulePath+"/")
		if below != folder && !strings.HasPrefix(below, folder+"/") {
			continue
		}
		for _, f := range files {
			for _, e := range exported(f) {
				if fault := judgeDoc(e.name.Name, e.doc.Text()); fault != "" {
					at := s.files.Position(e.name.Pos())
					found = append(found, fmt.Sprintf("%s:%d: %s: %s", at.Filename, at.Line, e.name.Name, fault))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// documentedName is the name of a function or a method and the comment before it.
type documentedName struct {
	name *ast.Ident
	doc  *ast.CommentGroup
}

// exported returns a file's exported functions, and the exported methods of its
// exported types, interfaces included.
func exported(f *ast.File) (all []documentedName) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || receiver(d.Recv.List[0].Type).IsExported()) {
				all = append(all, documentedName{d.Name, d.Doc})
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				t, isType := spec.(*ast.TypeSpec)
				if !isType || !t.Name.IsExported() {
					continue
				}
				if i, is := t.Type.(*ast.InterfaceType); is {
					all = append(all, methods(i)...)
				}
			}
		}
	}
	return all
}

// methods returns the exported methods that an interface lists itself.
func methods(i *ast.InterfaceType) (all []documentedName) {
	for _, m := range i.Methods.List {
		for _, name := range m.Names {
			if name.IsExported() {
				all = append(all, documentedName{name, m.Doc})
			}
		}
	}
	return all
}

// receiver returns the name of a receiver's type, without pointers and type
// parameters.
func receiver(x ast.Expr) *ast.Ident {
	for {
		switch t := x.(type) {
		case *ast.Ident:
			return t
		case *ast.StarExpr:
			x = t.X
		case *ast.ParenExpr:
			x = t.X
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		default:
			return &ast.Ident{Name: "_"}
		}
	}
}

// notVerbs are words after a name that say what a function is instead of what it does.
var notVerbs = []string{"is", "are", "was", "for", "of"}

// judgeDoc says what is wrong with the doc comment of a function, "" where nothing is.
func judgeDoc(name, text string) string {
	words := strings.Fields(text)
	switch {
	case len(words) == 0:
		return "has no doc comment"
	case words[0] != name:
		return "the doc comment does not begin with the name"
	case len(words) == 1 || slices.Contains(notVerbs, words[1]):
		return "the doc comment has no verb after the name"
	}
	return ""
}

// A reader of the documentation learns of every function what it does.
func TestExportedFunctionsAreDocumented(t *testing.T) {
	s, err := parseModule(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range documented {
		if !s.holds(folder) {
			t.Errorf("%s holds no Go file", folder)
		}
		for _, fault := range s.undocumented(folder) {
			t.Error(fault)
		}
	}
}

// holds says whether a package stands in a folder or below it.
func (s sources) holds(folder string) bool {
	for in := range s.packages {
		if strings.HasPrefix(in+"/", path.Join(modulePath, folder)+"/") {
			return true
		}
	}
	return false
}

// What the rule forbids is found, and what it allows is not.
func TestMissingDocumentationIsFound(t *testing.T) {
	const (
		none   = "has no doc comment"
		other  = "the doc comment does not begin with the name"
		noVerb = "the doc comment has no verb after the name"
	)
	for _, c := range []struct{ name, text, want string }{
		{"a verb", "// F returns one.\nfunc F() {}", ""},
		{"no comment", "func F() {}", none},
		{"a comment that stands apart", "// F returns one.\n\nfunc F() {}", none},
		{"no name", "// Returns one.\nfunc F() {}", other},
		{"another's name", "// G returns one.\nfunc F() {}", other},
		{"a longer name", "// Fs returns one.\nfunc F() {}", other},
		{"what it is", "// F is one.\nfunc F() {}", noVerb},
		{"what they are", "// F are all.\nfunc F() {}", noVerb},
		{"a name alone", "// F\nfunc F() {}", noVerb},
		{"a method", "type T int\nfunc (T) F() {}", none},
		{"by pointer", "type T int\nfunc (*T) F() {}", none},
		{"with a type parameter", "type T[E any] struct{}\nfunc (*T[E]) F() {}", none},
		{"with two", "type T[D, E any] struct{}\nfunc (*T[D, E]) F() {}", none},
		{"of an interface", "type T interface{ F() }", none},
		{"of an interface, with a verb", "type T interface {\n// F returns one.\nF() }", ""},
		{"of an interface in an interface", "type G interface{ error }", ""},
		{"not exported", "func f() {}", ""},
		{"of a type that is not exported", "type t int\nfunc (*t) F() {}", ""},
		{"of an interface that is not exported", "type t interface{ F() }", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sources{token.NewFileSet(), map[string][]*ast.File{}}
			for name, text := range map[string]string{
				"schemas/deep/deep.go":    "package deep\n" + c.text,
				"schemasother/schemas.go": "package schemasother\nfunc F() {}",
			} {
				if err := s.add(name, text); err != nil {
					t.Fatal(err)
				}
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			got := s.undocumented("schemas")
			for i, fault := range got {
				got[i] = fault[strings.Index(fault, ": F: ")+len(": F: "):]
			}
			if !slices.Equal(got, want) {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}
