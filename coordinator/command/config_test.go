package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/worker/program"
)

// runFlags are the flags of the run command, given as on the line.
func runFlags(t *testing.T, args ...string) (*runOptions, *pflag.FlagSet) {
	t.Helper()
	o, f := defaultRun(), pflag.NewFlagSet("run", pflag.ContinueOnError)
	o.AddFlags(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o, f
}

// config writes a file of flags.
func config(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A file sets every type of flag; flags on the line win.
func TestConfig(t *testing.T) {
	file := config(t, `# a request
data: s3://sets/ms1m
aligned: true
reference: [lfw=s3://sets/lfw, "ijb=s3://sets/ijb"]
shard-images: 512
drop: .99
review: 0
model: 007
`)
	o, f := runFlags(t, "--config", file, "--data", "/mine", "--reference", "mine=/mine")
	if err := applyConfig(f); err != nil {
		t.Fatal(err)
	}
	q := &o.request
	got := fmt.Sprint(q.sources.data, q.sources.aligned, q.sources.references, q.embedding.shardImages,
		q.judging.drop, q.judging.review, q.embedding.model)
	if want := "/minetrue[mine=/mine]5120.990007"; strings.ReplaceAll(got, " ", "") != want {
		t.Errorf("%s; want %s", got, want)
	}
	o, f = runFlags(t, "--config", file)
	if err := applyConfig(f); err != nil {
		t.Fatal(err)
	}
	if got := o.request.sources.references; !slices.Equal(got, []string{"lfw=s3://sets/lfw", "ijb=s3://sets/ijb"}) {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"data", "reference", "drop"} {
		if !f.Changed(name) {
			t.Errorf("--%s counts as not given", name)
		}
	}
}

// What a file can't say is a usage error that names file, line and next step.
func TestConfigIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"dat: /x":                            `line 1: "dat" is no flag of this command`,
		"# x\nreferences: [a=b]":             `line 2: "references" is no flag of this command; write reference`,
		"shard_images: 5":                    `line 1: "shard_images" is no flag of this command; write shard-images`,
		"--data: /x":                         `line 1: "--data" is no flag of this command; write data`,
		"config: other.yaml":                 `line 1: "config" is no flag of this command`,
		"data: [a, b]":                       "line 1: data: write a text: a list is none",
		"data: {a: b}":                       "line 1: data: write a text: a table is none",
		"data:":                              "line 1: data: write a text: nothing is none",
		"reference: lfw=/x":                  `line 1: reference: write a list: "lfw=/x" is none`,
		"reference: [{lfw: /x}]":             "line 1: reference: write a list: a table stands in it",
		"aligned: yes":                       `line 1: aligned: write true or false: "yes" is none`,
		"aligned: \"true\"":                  `line 1: aligned: write true or false: "true" is none`,
		"shard-images: many":                 `line 1: shard-images: write a whole number: "many" is none`,
		"shard-images: 1.5":                  `line 1: shard-images: write a whole number: "1.5" is none`,
		"shard-images: 99999999999999999999": "line 1: shard-images: write a whole number",
		"drop: high":                         `line 1: drop: write a number: "high" is none`,
		"data: /x\nmodel: y\ndata: /z":       "line 3: data stands twice; leave one out",
		"data: /x\n---\nmodel: y":            "write one document",
		"- data":                             "line 1: write lines of FLAG: VALUE, as data: /data/faces",
		"/data/faces":                        "line 1: write lines of FLAG: VALUE, as data: /data/faces",
		"data: [":                            "write lines of FLAG: VALUE",
	} {
		file := config(t, text)
		_, f := runFlags(t, "--config", file)
		err := applyConfig(f)
		if err == nil || program.ExitCode(err) != program.ExitUsage || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "--config "+file+": ") {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
	_, f := runFlags(t, "--config", filepath.Join(t.TempDir(), "none.yaml"))
	if err := applyConfig(f); err == nil || program.Hint(err) == "" {
		t.Errorf("a file that is not there: %v", err)
	}
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		_, f := runFlags(t, "--config", config(t, text))
		if err := applyConfig(f); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Whatever a file holds is an error or settings that flags take or refuse in words.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{"data: /x\nreference: [a=b]\n", "drop: .5", "a: &a [*a]", "<<: {data: x}", "? [x]\n: y",
		"data: !!binary aGk=", "shard-images: 0x10", "\xff", "data: &x y\nmodel: *x", "{data: x, drop: 1e400}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, flags := runFlags(t)
		settings, err := parseConfig(text, flags)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without a word")
			}
			return
		}
		for _, s := range settings {
			if s.line < 1 || flags.Lookup(s.flag) == nil {
				t.Errorf("%+v", s)
			}
			if err := s.apply(flags); err != nil && !strings.Contains(err.Error(), s.flag) {
				t.Errorf("%+v: %v", s, err)
			}
		}
	})
}
