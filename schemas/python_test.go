package schemas

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestOtherProgramsRead has pyarrow, polars and duckdb (through pyarrow) read
// every report table, and pyarrow a vectors object, as FORMAT.md shows it.
func TestOtherProgramsRead(t *testing.T) {
	python, err := filepath.Abs("../.venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(python, "-c", "import pyarrow, polars, duckdb, numpy").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("needs .venv with pyarrow, polars, duckdb and numpy: %v", err)
		}
		t.Skip("SKIPPED: needs .venv with pyarrow, polars, duckdb and numpy (make fills it)")
	}
	dir := t.TempDir()
	tables := someTables(t)
	var many bytes.Buffer
	if err := manyVerdicts(&many); err != nil {
		t.Fatal(err)
	}
	tables["many"] = many.Bytes()
	for name, data := range tables {
		if err := os.WriteFile(filepath.Join(dir, name+".arrow"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(python, "testdata/read.py", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// manyVerdicts writes more rows than one record batch holds.
func manyVerdicts(w io.Writer) error {
	three := someVerdicts()
	rows := make([]Verdict, 0, batchRows+2)
	for i := range batchRows + 2 {
		rows = append(rows, three[i%3])
	}
	return WriteVerdicts(w, rows)
}
