package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drawnSet writes a small set and a reference in the form of coordinator synth:
// pictures of one colour an identity, with spots.
func drawnSet(t *testing.T, dir string) {
	t.Helper()
	manifest := "path,identity,name,lm1x,lm1y,lm2x,lm2y,lm3x,lm3y,lm4x,lm4y,lm5x,lm5y\n"
	landmarks := "38,52,73,52,56,72,42,92,71,92"
	write := func(path string, data []byte) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, reference, pairs := manifest, manifest, "10\t1\n"
	for id := range 10 {
		for k := range 3 {
			path := fmt.Sprintf("train/n%06d/%04d_01.png", id, k)
			write("faces/"+path, spots(t, id, k))
			set += fmt.Sprintf("%s,n%06d,Name %d,%s\n", path, id, id, landmarks)
			path = fmt.Sprintf("lfw/P_%d/P_%d_%04d.png", id, id, k+1)
			write("reference/"+path, spots(t, 100+id, k))
			reference += fmt.Sprintf("%s,P_%d,P %d,%s\n", path, id, id, landmarks)
		}
		pairs += fmt.Sprintf("P_%d\t1\t2\nP_%d\t1\tP_%d\t3\n", id, id, (id+1)%10)
	}
	write("faces/train/n000000/bad.png", []byte("no picture"))
	write("faces.csv", []byte(set+"train/n000000/bad.png,n000000,Name 0,"+landmarks+"\n"))
	write("reference.csv", []byte(reference))
	write("reference/pairs.txt", []byte(pairs))
}

func spots(t *testing.T, id, k int) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 112, 112))
	own, r := rand.New(rand.NewPCG(1, uint64(id))), rand.New(rand.NewPCG(uint64(id), uint64(k)))
	c := color.RGBA{uint8(own.IntN(256)), uint8(own.IntN(256)), uint8(own.IntN(256)), 255}
	for y := range 112 {
		for x := range 112 {
			if im.Set(x, y, c); r.IntN(4) == 0 {
				im.Set(x, y, color.Gray{uint8(r.IntN(256))})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, im); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// told runs the command and gives its exit code and what it wrote to stderr.
func told(t *testing.T, args ...string) (int, string) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	code := execute(t.Context(), args, f)
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(text)
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func trainArgs(data, out string, more ...string) []string {
	return append([]string{"--data", data, "--heldout", data, "--out", out,
		"--layers", "4/2,4/2,4/2", "--dim", "8", "--epochs", "2", "--batch", "8", "--warm", "2"}, more...)
}

// The command makes a model that is the same when it is made twice, and goes on
// with a checkpoint of its own alone.
func TestCommand(t *testing.T) {
	data := t.TempDir()
	drawnSet(t, data)
	var models []string
	out := t.TempDir()
	for _, dir := range []string{out, t.TempDir(), out} {
		code, text := told(t, trainArgs(data, dir)...)
		if code != 0 {
			t.Fatalf("exit %d: %s", code, text)
		}
		if dir == out && len(models) == 0 {
			for _, want := range []string{"left out: train/n000000/bad.png: ", "left out in all: 1", "30 pictures of 10 identities", "epoch 2: held out", "the least cosine is 1.000"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in:\n%s", want, text)
				}
			}
		}
		var model string
		for _, name := range []string{"builtin.onnx", "builtin.onnx.json"} {
			file, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			model += string(file)
		}
		if !strings.Contains(model, `"command": "facetrain --batch 8 --data `+data) || strings.Contains(model, dir) {
			t.Errorf("the description has no command, or says where it was written: %s",
				model[len(model)-2000:])
		}
		models = append(models, model)
	}
	if models[0] != models[1] || models[0] != models[2] {
		t.Error("the same command made different models")
	}
	for _, name := range []string{"checkpoint", "curves.png", "events.out.tfevents.facetrain"} {
		if s, err := os.Stat(filepath.Join(out, name)); err != nil || s.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if code, text := told(t, trainArgs(data, out, "--rate", ".5")...); code != exitError || !strings.Contains(text, "--fresh") {
		t.Errorf("with another rate: exit %d, %s", code, text)
	}
	if code, text := told(t, trainArgs(data, out, "--rate", ".5", "--fresh")...); code != 0 {
		t.Errorf("with another rate, begun anew: exit %d, %s", code, text)
	}
}

func TestCommandErrors(t *testing.T) {
	data, out := t.TempDir(), t.TempDir()
	drawnSet(t, data)
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "--help"},
		{[]string{"--data", data}, exitUsage, "heldout"},
		{trainArgs(data, out, "--nothing"), exitUsage, "--nothing"},
		{trainArgs(empty, out), exitError, "coordinator synth --clean"},
		{trainArgs(data, out, "--heldout", empty), exitError, "coordinator synth --clean"},
		{trainArgs(data, out, "--head", "arcface"), exitUsage, "amsoftmax"},
		{trainArgs(data, out, "--layers", "16:2"), exitUsage, "16/2"},
		{trainArgs(data, out, "--rate", "-1"), exitUsage, "rate -1"},
		{trainArgs(data, out, "--every", "-1"), exitUsage, "--every -1"},
		{trainArgs(data, out, "--name", "../model"), exitUsage, "--name"},
		{trainArgs(data, ""), exitUsage, "--out"},
		{trainArgs(data, out, "--batch", "64"), exitError, "30 pictures"},
	} {
		if code, text := told(t, c.args...); code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%v: exit %d, %q; want %d, %q", c.args, code, text, c.code, c.want)
		}
	}
	pairs := filepath.Join(data, "reference", "pairs.txt")
	put(t, pairs, "2\t1\nNobody\t1\t2\nP_0\t1\tNobody\t1\nNobody\t2\t3\nP_0\t1\tNobody\t3\n")
	if code, text := told(t, trainArgs(data, out)...); code != exitError || !strings.Contains(text, "none of its 4 pairs") || !strings.Contains(text, "Nobody/Nobody_0001") {
		t.Errorf("with pairs of nobody: exit %d, %s", code, text)
	}
	if err := os.Remove(pairs); err != nil {
		t.Fatal(err)
	}
	if code, text := told(t, trainArgs(data, out)...); code != exitError || !strings.Contains(text, "--pairs 3000") {
		t.Errorf("without pairs: exit %d, %s", code, text)
	}
}

// What is wrong with a set is said before anything that was learnt is removed, a
// set half drawn is not learnt from, and pairs that are not there are left out.
func TestCommandKeepsWhatIsThere(t *testing.T) {
	data, out := t.TempDir(), t.TempDir()
	drawnSet(t, data)
	pairs := filepath.Join(data, "reference", "pairs.txt")
	put(t, pairs, "2\t1\nP_0\t1\t2\nP_0\t1\tP_1\t3\nNobody\t1\t2\nP_1\t1\tP_2\t9\n")
	code, text := told(t, trainArgs(data, out)...)
	if code != 0 || !strings.Contains(text, "2 of 4 pairs are left out") || !strings.Contains(text, "(first: Nobody/Nobody_0001)") || !strings.Contains(text, "of 2 pairs") {
		t.Fatalf("exit %d: %s", code, text)
	}
	if text := read(t, filepath.Join(out, "builtin.onnx.json")); strings.Contains(text, "licence") || strings.Contains(text, "drawn by this program") {
		t.Errorf("of pictures whose origin nobody gave: %s", text)
	}
	before := read(t, filepath.Join(out, "checkpoint")) + read(t, filepath.Join(out, "builtin.onnx"))
	put(t, filepath.Join(data, "synth.unfinished.json"), "{}")
	for want, args := range map[string][]string{
		"nothing at":      trainArgs(filepath.Join(data, "nope"), out, "--fresh"),
		"is not complete": trainArgs(data, out, "--fresh"),
	} {
		if code, text := told(t, args...); code != exitError || !strings.Contains(text, want) {
			t.Errorf("exit %d, %q; want %q", code, text, want)
		}
	}
	if after := read(t, filepath.Join(out, "checkpoint")) + read(t, filepath.Join(out, "builtin.onnx")); after != before {
		t.Error("a command that failed changed what was there")
	}
	if err := os.Rename(filepath.Join(data, "synth.unfinished.json"), filepath.Join(data, "synth.json")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(data, "synth.json"), `{"options": {"seed": 7}}`)
	if code, text := told(t, trainArgs(data, out)...); code != 0 {
		t.Fatalf("exit %d: %s", code, text)
	}
	if text := read(t, filepath.Join(out, "builtin.onnx.json")); !strings.Contains(text, "Apache-2.0") || !strings.Contains(text, `"seed": 7`) {
		t.Errorf("of a drawn set: %s", text)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
