package validate

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Every flag that a container is given is one of its program.
func TestFlags(t *testing.T) {
	folder, d := built(t), decoder(t)
	help := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), filepath.Join(folder, args[0]), append(args[1:], "--help")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	texts := map[string]string{"worker": help("worker"), "run": help("coordinator", "run"), "synth": help("coordinator", "synth")}
	checked := 0
	for _, f := range folders(t) {
		rendered, err := Render(filesys.MakeFsOnDisk(), f)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := d.DecodeAll(rendered)
		if err != nil {
			t.Fatal(err)
		}
		pods, err := PodsOf(objects)
		if err != nil {
			t.Fatal(err)
		}
		for i := range pods {
			for _, c := range pods[i].Containers() {
				if !strings.HasPrefix(c.Image, "ghcr.io/facesieve/") {
					continue
				}
				command, flags := "worker", c.Args
				if !strings.HasPrefix(flags[0], "--") {
					command, flags = flags[0], flags[1:]
				}
				for _, flag := range flags {
					name, _, _ := strings.Cut(flag, "=")
					checked++
					if !strings.Contains(texts[command], name+" ") {
						t.Errorf("%s: %s: %s has no flag %s", filepath.Base(f), pods[i].Of, command, name)
					}
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("%d flags were looked at", checked)
	}
}
