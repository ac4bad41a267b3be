package cluster_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exactFunctions are the functions of math whose result is the same on every
// processor: rounded as IEEE 754 demands, or made of bits.
var exactFunctions = []string{
	"Abs", "Ceil", "Copysign", "Float32bits", "Float32frombits", "Float64bits", "Float64frombits", "Floor", "Frexp",
	"Inf", "IsInf", "IsNaN", "Ldexp", "Max", "Min", "Modf", "NaN", "Nextafter", "Nextafter32", "Round", "RoundToEven",
	"Signbit", "Sqrt", "Trunc",
}

// constants matches the names of math's constants.
var constants = regexp.MustCompile(
	`^(E|Pi|Phi|Sqrt[A-Z2]\w*|Ln\w+|Log(2|10)E|(Max|Min)(Float|Int|Uint)\w*|Smallest\w+)$`)

// inexactUses lists the functions of math that a file names and that are not in
// exactFunctions.
func inexactUses(fset *token.FileSet, file *ast.File) []string {
	var found []string
	for _, imported := range file.Imports {
		path := strings.Trim(imported.Path.Value, `"`)
		if path == "math/cmplx" || path == "math" && imported.Name != nil {
			found = append(found, fset.Position(imported.Pos()).String()+": import of "+path)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name := selector.Sel.Name
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == "math" &&
			!slices.Contains(exactFunctions, name) && !constants.MatchString(name) {
			found = append(found, fset.Position(selector.Pos()).String()+": math."+name)
		}
		return true
	})
	return found
}

// Whatever follows from vectors is the same on every processor: nothing in
// cluster or below names a function whose last bits the processor decides.
func TestNoFunctionDependsOnTheProcessor(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		for _, use := range inexactUses(fset, file) {
			t.Error(use)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("only %d files were read", files)
	}
}

func TestInexactUsesAreFound(t *testing.T) {
	const source = `package p
import "math"
var f = math.Exp
func g(x float64) float64 { return math.Sqrt(x) + math.Pow(math.Pi, math.Abs(x)) }`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	if found := inexactUses(fset, file); len(found) != 2 || !strings.HasSuffix(found[0], "math.Exp") {
		t.Errorf("found %v", found)
	}
}

// fused matches arm64's fused multiplications and additions in the compiler's
// listing, and takes the source line.
var fused = regexp.MustCompile(`\(([^()]*\.go:\d+)\)\s+FN?M(?:ADD|SUB)[SD]\b`)

// fusedLines builds packages for arm64, for which the compiler fuses wherever
// the language allows it, and lists the lines where it did.
func fusedLines(t *testing.T, dir string, packages ...string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles the standard library for arm64 once")
	}
	build := exec.Command("go", append([]string{"build", "-gcflags=-S"}, packages...)...)
	build.Dir = dir
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, listing)
	}
	if !bytes.Contains(listing, []byte("TEXT")) {
		t.Fatal("the compiler listed nothing")
	}
	var lines []string
	for _, match := range fused.FindAllSubmatch(listing, -1) {
		lines = append(lines, string(match[1]))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// No product and sum are left for the compiler to fuse into one rounding: it
// does on some processors and not on others.
func TestNothingIsFused(t *testing.T) {
	for _, line := range fusedLines(t, ".", "./...") {
		t.Error(line)
	}
}

func TestFusedLinesAreFound(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module p\n\ngo 1.26\n",
		"p.go": `package p

func Fused(x, y, z float64) float64 { return x*y + z }

func Rounded(x, y, z float64) float64 { return float64(x*y) + z }
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lines := fusedLines(t, dir, ".")
	if len(lines) != 1 || !strings.HasSuffix(lines[0], "p.go:3") {
		t.Errorf("found %v", lines)
	}
}
