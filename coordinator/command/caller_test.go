package command

import (
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// Commands to give next are written as the program was called, with the store.
func TestCommandsToGiveNext(t *testing.T) {
	for _, c := range []struct{ program, want string }{
		{"", "coordinator"},
		{"coordinator", "coordinator"},
		{"bin/coordinator", "bin/coordinator"},
		{"./my bin/coordinator", "'./my bin/coordinator'"},
		{"/tmp/go-build1534797699/b001/exe/coordinator", "go run ./coordinator"},
	} {
		if got := (caller{c.program}).name(); got != c.want {
			t.Errorf("%q is called %q, want %q", c.program, got, c.want)
		}
	}
	st := &storeFlags{url: "s3://my bucket/x"}
	st.s3.Endpoint = "http://here:9000"
	if got, want := st.again(), " --store 's3://my bucket/x' --s3-endpoint http://here:9000"; got != want {
		t.Errorf("the store is%s, want%s", got, want)
	}
	if got := (&storeFlags{url: defaultStore}).again(); got != "" {
		t.Errorf("the default store is%s", got)
	}
}

func TestCleanDrawn(t *testing.T) {
	m := synth.Made{ReferencePeople: 40, Data: "faces/faces", Manifest: "faces/faces.csv",
		Reference: "faces/reference", ReferenceManifest: "faces/reference.csv"}
	const want = "coordinator run --data faces/faces --manifest faces/faces.csv --reference drawn=faces/reference --reference-manifest drawn=faces/reference.csv --model builtin --detector none --engine gorgonia"
	if got := cleanDrawn(m, caller{}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	const alone = "coordinator run --data 'my faces' --manifest m.csv --model builtin --detector none --engine gorgonia"
	if got := cleanDrawn(synth.Made{Data: "my faces", Manifest: "m.csv"}, caller{}); got != alone {
		t.Errorf("got %q, want %q", got, alone)
	}
}

func TestNext(t *testing.T) {
	st := &storeFlags{url: defaultStore}
	for want, s := range map[string]*schemas.Summary{
		"Next: the same command again tries the failed tasks again\nThe report:":                                                                                                            {Failures: []schemas.TaskFailure{{}}},
		"Next: look at the images to review, write path,decision into decisions.csv, and\n  coordinator run --from 00112233445566778899aabbccddeeff --overrides decisions.csv\nThe report:": {Decisions: map[schemas.Decision]int{schemas.Review: 1}},
		"Next: copy the tables for your own programs\n  coordinator report 00112233445566778899aabbccddeeff --out report\nThe report:":                                                      {},
	} {
		if got := (caller{}).next(st, exampleRun, s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{"/a b": "'/a b'", "it's": `'it'\''s'`, "s3://b/c": "s3://b/c",
		"": "''"} {
		if got := quoted(word); got != want {
			t.Errorf("%q is quoted as %s, want %s", word, got, want)
		}
	}
}
