package images

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// stage is a build stage of a Dockerfile.
type stage struct {
	from         string
	instructions [][2]string // name and arguments, in order
}

// all gives the arguments of the instructions with this name.
func (s stage) all(name string) (found []string) {
	for _, i := range s.instructions {
		if i[0] == name {
			found = append(found, i[1])
		}
	}
	return found
}

// image is what a Dockerfile says about the containers of its image.
type image struct {
	env        []string
	user       string
	entrypoint []string
}

// stages reads a Dockerfile of this folder.
func stages(t *testing.T, name string) (found []stage) {
	t.Helper()
	data, err := os.ReadFile(name + ".Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\\\n", " ")) {
		instruction, arguments, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case instruction == "" || strings.HasPrefix(instruction, "#"):
		case instruction == "FROM":
			found = append(found, stage{from: arguments})
		case len(found) > 0:
			s := &found[len(found)-1]
			s.instructions = append(s.instructions, [2]string{instruction, arguments})
		}
	}
	return found
}

// readImage reads a Dockerfile's last stage, and checks that its files are those that
// root assembles, and nothing else.
func readImage(t *testing.T, name string) (im image) {
	t.Helper()
	all := stages(t, name)
	if len(all) < 2 {
		t.Fatalf("%s.Dockerfile has %d stages", name, len(all))
	}
	build, last := all[len(all)-2], all[len(all)-1]
	assembled := "k8s/images/root " + name + " /image"
	if runs := build.all("RUN"); !strings.HasSuffix(build.from, " AS build") ||
		!slices.ContainsFunc(runs, func(run string) bool { return strings.HasSuffix(run, assembled) }) {
		t.Errorf("%s.Dockerfile: the stage FROM %s runs %q, want %q", name, build.from, runs, assembled)
	}
	if last.from != "scratch" || !slices.Equal(last.all("COPY"), []string{"--from=build /image/ /"}) ||
		len(last.all("RUN"))+len(last.all("ADD")) > 0 {
		t.Errorf("%s.Dockerfile: the last stage is FROM %s with %q", name, last.from, last.instructions)
	}
	for _, arguments := range last.all("ENV") {
		im.env = append(im.env, strings.Fields(arguments)...)
	}
	if users := last.all("USER"); len(users) == 1 {
		im.user = users[0]
	}
	entrypoints := last.all("ENTRYPOINT")
	if len(entrypoints) != 1 {
		t.Fatalf("%s.Dockerfile has %d entry points", name, len(entrypoints))
	}
	if err := json.Unmarshal([]byte(entrypoints[0]), &im.entrypoint); err != nil {
		t.Fatalf("%s.Dockerfile: the entry point %s: %v", name, entrypoints[0], err)
	}
	return im
}

// Every image is assembled by root, runs as nobody, and is made from tags that tell a
// release.
func TestDockerfiles(t *testing.T) {
	for name, program := range map[string]string{"coordinator": "/coordinator", "worker-cpu": "/worker", "worker-cuda": "/worker"} {
		im := readImage(t, name)
		if im.user != "65534:65534" || !slices.Equal(im.entrypoint, []string{program}) {
			t.Errorf("%s.Dockerfile: %+v", name, im)
		}
		for _, s := range stages(t, name) {
			words := strings.Fields(s.from)
			at := slices.IndexFunc(words, func(w string) bool { return !strings.HasPrefix(w, "--") })
			reference, _, _ := strings.Cut(words[at], "@")
			_, tag, _ := strings.Cut(reference, ":")
			if reference != "scratch" && strings.Count(tag, ".") < 2 {
				t.Errorf("%s.Dockerfile: FROM %s names no release", name, s.from)
			}
		}
	}
}
