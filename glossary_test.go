package facesieve_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// leftWords reads the table of words that left from the glossary: each word, and the
// packages, below the module, where it has a meaning of its own.
func leftWords(text string) (map[string][]string, error) {
	_, table, found := strings.Cut(text, "\n## Words that left\n")
	if !found {
		return nil, fmt.Errorf("the glossary has no section about words that left")
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	left := map[string][]string{}
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		var stays []string
		for _, m := range quoted.FindAllStringSubmatch(cells[3], -1) {
			stays = append(stays, m[1])
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			left[m[1]] = stays
		}
	}
	if len(left) == 0 {
		return nil, fmt.Errorf("the glossary's table of words that left is empty")
	}
	return left, nil
}

// misnamed returns what is declared in the module under a name that holds a word that
// left, as "file:line: name: word".
func (s sources) misnamed(left map[string][]string) (found []string) {
	for in, files := range s.packages {
		below := strings.TrimPrefix(in, modulePath+"/")
		for _, f := range files {
			for _, name := range append(declared(f), f.Name) {
				for _, word := range wordsOf(name.Name) {
					if stays, gone := left[word]; gone && !slices.Contains(stays, below) {
						at := s.files.Position(name.Pos())
						found = append(found, fmt.Sprintf("%s:%d: %s: %s", at.Filename, at.Line, name.Name, word))
					}
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// declared returns the names that a file gives to types, functions, methods, fields,
// parameters, constants and variables.
func declared(f *ast.File) (names []*ast.Ident) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			names = append(names, n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				names = append(names, idents(n.Lhs...)...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names = append(names, idents(n.Key, n.Value)...)
			}
		}
		return true
	})
	return names
}

func idents(all ...ast.Expr) (names []*ast.Ident) {
	for _, x := range all {
		if name, is := x.(*ast.Ident); is {
			names = append(names, name)
		}
	}
	return names
}

// wordsOf splits a name in mixed caps into its words, in lower case.
func wordsOf(name string) (words []string) {
	var word []rune
	runes := []rune(name)
	for i, r := range runes {
		starts := unicode.IsUpper(r) && i > 0 &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if starts || !unicode.IsLetter(r) {
			words, word = append(words, string(word)), nil
		}
		if unicode.IsLetter(r) {
			word = append(word, unicode.ToLower(r))
		}
	}
	words = append(words, string(word))
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// absent returns what stands in a glossary's tables, as a package or as an exported
// name of one, and does not exist. Words that left are not looked at.
func (s sources) absent(text string) (found []string) {
	text, _, _ = strings.Cut(text, "\n## Words that left\n")
	for _, m := range regexp.MustCompile("(?m)`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		in, name, exported := strings.Cut(m[1], ".")
		if !s.mentions(in, name, exported) {
			found = append(found, m[1])
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// mentions says whether a package of this module exists, and declares an exported
// name where there is one. What looks like neither is none of its business: --vectors,
// summary.json.
func (s sources) mentions(in, name string, exported bool) bool {
	files, exists := s.packages[path.Join(modulePath, in)]
	switch {
	case !exported:
		return exists || !strings.Contains(in, "/")
	case !ast.IsExported(name):
		return true
	}
	name, _, _ = strings.Cut(name, ".")
	return slices.ContainsFunc(files, func(f *ast.File) bool {
		return slices.ContainsFunc(declared(f), func(d *ast.Ident) bool { return d.Name == name })
	})
}

// The packages and names that the glossary points at exist.
func TestGlossaryPointsAtWhatExists(t *testing.T) {
	text, err := os.ReadFile("docs/GLOSSARY.md")
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseModule(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range s.absent(string(text)) {
		t.Errorf("docs/GLOSSARY.md: there is no %s", name)
	}

	const table = "| a | `schemas` `schemas.Spec` `schemas.Spec.Data` `--store` `summary.json` `kind` |\n" +
		"| b | `schemas/gone` `gone.Spec` `schemas.Gone` |\n## Words that left\n| `pipeline/left` |"
	want := []string{"gone.Spec", "schemas.Gone", "schemas/gone"}
	if got := s.absent(table); !slices.Equal(got, want) {
		t.Errorf("absent: %q, want %q", got, want)
	}
}

// Words that the glossary left behind do not come back as names.
func TestWordsThatLeft(t *testing.T) {
	text, err := os.ReadFile("docs/GLOSSARY.md")
	if err != nil {
		t.Fatal(err)
	}
	left, err := leftWords(string(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseModule(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range s.misnamed(left) {
		t.Error(fault)
	}
}

// A word that left is found wherever a name is given, and not where it is a part of
// another word, is another package's, or has a meaning of its own.
func TestWordsAreFound(t *testing.T) {
	const table = "# Glossary\n\n## Words that left\n\n| word | say | it stays in |\n| --- | --- | --- |\n" +
		"| `fold` | aggregate | `cluster/verification`: of ten |\n| `lane`, `lanes` | device worker | |\n"
	left, err := leftWords(table)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"pipeline/a.go", "package fold", []string{"fold"}},
		{"pipeline/a.go", "package a; type laneQueue struct{ HTTPLanes, n int }",
			[]string{"HTTPLanes", "laneQueue"}},
		{"pipeline/a.go", "package a; const foldV2 = 1; var x, lane int", []string{"foldV2", "lane"}},
		{"pipeline/a.go", "package a; func (a A) Fold(lane int) (openFold error) { return }",
			[]string{"Fold", "lane", "openFold"}},
		{"pipeline/a.go", "package a; func f() { lane := 1; for fold := range x { _ = fold }; x, nextLane = y, lane }",
			[]string{"fold", "lane"}},
		{"pipeline/a.go", "package a; func folder() { strings.EqualFold(x, y); manifold, planes := 1, 2; x.lane = 3 }",
			nil},
		{"cluster/verification/a.go", "package verification; type Fold int", nil},
		{"cluster/verification/a.go", "package verification; type Lane int", []string{"Lane"}},
	} {
		s := sources{token.NewFileSet(), map[string][]*ast.File{}}
		if err := s.add(c.name, c.text); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, fault := range s.misnamed(left) {
			got = append(got, strings.Split(fault, ": ")[1])
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %s: found %q, want %q", path.Dir(c.name), c.text, got, c.want)
		}
	}
	for _, bad := range []string{"# Glossary\n", "\n## Words that left\n\n| word | say | it stays in |\n"} {
		if _, err := leftWords(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
