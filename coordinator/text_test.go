package main

import "testing"

// Commands to give next are written as the program was called, with the store.
func TestCommandsToGiveNext(t *testing.T) {
	for _, c := range []struct{ program, want string }{
		{"", "coordinator"},
		{"coordinator", "coordinator"},
		{"bin/coordinator", "bin/coordinator"},
		{"./my bin/coordinator", "'./my bin/coordinator'"},
		{"/tmp/go-build1534797699/b001/exe/coordinator", "go run ./coordinator"},
	} {
		if got := (&app{program: c.program}).called(); got != c.want {
			t.Errorf("%q is called %q, want %q", c.program, got, c.want)
		}
	}
	a := &app{storeURL: "s3://my bucket/x"}
	a.s3.Endpoint = "http://here:9000"
	if got, want := a.where(), " --store 's3://my bucket/x' --s3-endpoint http://here:9000"; got != want {
		t.Errorf("the store is%s, want%s", got, want)
	}
	if got := (&app{storeURL: defaultStore}).where(); got != "" {
		t.Errorf("the default store is%s", got)
	}
}
