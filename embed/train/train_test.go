package train

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// blobs are pictures of so many identities: each identity is a few soft spots of
// its own, each picture moves them a little and adds noise.
func blobs(seed uint64, identities, each, margin int) *Pictures {
	p := &Pictures{Margin: margin}
	for id := range identities {
		own := rand.New(rand.NewPCG(seed, uint64(id)))
		var spots [4][6]float64
		for s := range spots {
			for i := range spots[s] {
				spots[s][i] = own.Float64()
			}
		}
		p.Identities = append(p.Identities, fmt.Sprint("identity ", id))
		for k := range each {
			r := rand.New(rand.NewPCG(seed+1, uint64(id*1000+k)))
			p.Names, p.Classes = append(p.Names, fmt.Sprintf("%d/%d.png", id, k)), append(p.Classes, id)
			dx, dy := r.NormFloat64()*.02, r.NormFloat64()*.02
			side := p.side()
			for i := range side * side {
				x, y := float64(i%side)/float64(side)-dx, float64(i/side)/float64(side)-dy
				for c := range 3 {
					v := .2 + r.Float64()*.1
					for _, s := range spots {
						v += s[3+c] * math.Exp(-60*((x-s[0])*(x-s[0])+(y-s[1])*(y-s[1])))
					}
					p.sums = append(p.sums, uint16(min(max(v, 0), 1)*1020))
				}
			}
		}
	}
	return p
}

// heldOut compares blobs of other identities, all pairs of the first pictures.
func heldOut(seed uint64, identities int) *HeldOut {
	h := &HeldOut{Pictures: blobs(seed, identities, 2, 0)}
	for id := range identities {
		h.Pairs = append(h.Pairs,
			Comparison{A: 2 * id, B: 2*id + 1, Same: true, Fold: id % 10},
			Comparison{A: 2 * id, B: 2 * ((id + 1) % identities), Fold: id % 10})
	}
	h.Siblings = h.Pairs[:len(h.Pairs)/2]
	return h
}

func small() Options {
	return Options{
		Network: Network{Layers: []Layer{{6, 2}, {8, 2}, {12, 2}}, Dim: 8}, Head: "amsoftmax",
		Epochs: 3, Batch: 8, Rate: .01, Warm: 5, Decay: .05, Seed: 3, Augmentation: DefaultAugmentation(),
	}
}

// made is the bytes of a model: both of its files.
func made(t *testing.T, m *Model, s State, p *Pictures, h *HeldOut) string {
	t.Helper()
	onnx, err := m.ONNX()
	if err != nil {
		t.Fatal(err)
	}
	text, err := Describe(m, s, p, h, "facetrain")
	if err != nil {
		t.Fatal(err)
	}
	return string(onnx) + string(text)
}

// A model learns to tell people apart that it never saw, with each head.
func TestTrainLearns(t *testing.T) {
	p, h := blobs(1, 24, 8, Margin), heldOut(100, 40)
	for _, head := range heads() {
		t.Run(head.name, func(t *testing.T) {
			o := small()
			o.Head, o.Epochs, o.Augmentation = head.name, 8, Augmentation{Shift: 1, Mirror: .5}
			m, s, err := Train(t.Context(), o, p, h, Run{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := NewEmbedder(NewModel(o.Network, m.Classes, 9), 16)
			if err != nil {
				t.Fatal(err)
			}
			before, err := h.Measure(fresh)
			if err != nil {
				t.Fatal(err)
			}
			if after := s.History.last().Plain.Mean; after < .9 || after < before.Plain.Mean {
				t.Errorf("%.3f of the pairs are right after training, %.3f before", after, before.Plain.Mean)
			}
		})
	}
}

// Two trainings from one seed give equal bytes, from another seed others.
func TestTrainRepeats(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	models := map[string]int{}
	for _, seed := range []uint64{3, 3, 4} {
		o := small()
		o.Epochs, o.Seed = 2, seed
		m, s, err := Train(t.Context(), o, p, h, Run{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		s.Options.Seed = 0
		models[made(t, m, s, p, h)]++
	}
	if len(models) != 2 {
		t.Errorf("%d different models of two seeds, one of them used twice", len(models))
	}
}

const childEnv = "FACETRAIN_TEST_DIR"

// TestMain trains in a process of its own where a test asks for one to kill: it
// tells each step and waits after it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		asked := bufio.NewScanner(os.Stdin)
		told := func(what string) {
			fmt.Println(what)
			asked.Scan()
		}
		_, _, err := Train(context.Background(), small(), blobs(1, 6, 6, Margin), heldOut(100, 10), Run{
			Dir: dir, Every: 3,
			Watch: func(p Progress) { told(fmt.Sprint("step ", p.Done)) },
			Epoch: func(p Point) { told(fmt.Sprint("epoch ", p.Epoch)) },
		})
		fmt.Println("ended", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// trainAndKill trains in a child process and kills it when it says so.
func trainAndKill(t *testing.T, dir, at string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ended") {
			t.Fatalf("the training was not killed at %s: %s", at, lines.Text())
		}
		if lines.Text() == at {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			break
		}
		fmt.Fprintln(in)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatalf("the process killed at %s ended by itself", at)
	}
}

// A training that is killed, at any place and more than once, ends with the bytes
// of one that is not.
func TestResume(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	whole, s, err := Train(t.Context(), small(), p, h, Run{Dir: t.TempDir(), Every: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := made(t, whole, s, p, h)
	// 4 steps an epoch: before the first checkpoint; after one within an epoch;
	// when an epoch is measured and not yet kept; after that.
	for _, kills := range [][]string{{"step 2"}, {"step 8", "step 11"}, {"epoch 1"}, {"step 9", "step 12"}} {
		dir, first := t.TempDir(), 0
		for _, at := range kills {
			trainAndKill(t, dir, at)
		}
		m, s, err := Train(t.Context(), small(), p, h, Run{Dir: dir, Every: 3, Watch: func(p Progress) {
			if first == 0 {
				first = p.Done
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if made(t, m, s, p, h) != want {
			t.Errorf("killed at %v the model has other bytes", kills)
		}
		if began := first > 1; began != (kills[0] != "step 2") {
			t.Errorf("killed at %v the training went on at step %d", kills, first)
		}
	}
}

// An interrupted training keeps all steps that it did.
func TestInterrupt(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, _, err := Train(ctx, small(), p, h, Run{Dir: dir, Watch: func(p Progress) {
		if p.Done == 6 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, CheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint(data)
	if err != nil || c.State.Epoch != 1 || c.State.Step != 2 {
		t.Errorf("the checkpoint is at epoch %d, step %d: %v; 6 steps of 4 an epoch were done", c.State.Epoch, c.State.Step, err)
	}
}

// A checkpoint of another training is refused, and one of no training.
func TestForeignCheckpoint(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	dir, o := t.TempDir(), small()
	o.Epochs = 1
	if _, _, err := Train(t.Context(), o, p, h, Run{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	other := o
	other.Rate *= 2
	if _, _, err := Train(t.Context(), other, p, h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("with another rate: %v", err)
	}
	if _, _, err := Train(t.Context(), o, blobs(2, 6, 6, Margin), h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("with other pictures: %v", err)
	}
	path := filepath.Join(dir, CheckpointFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Train(t.Context(), o, p, h, Run{Dir: dir}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("with a bit turned: %v", err)
	}
	if err := Clear(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Train(t.Context(), other, p, h, Run{Dir: dir}); err != nil {
		t.Errorf("after it is removed: %v", err)
	}
}

func TestImpossibleOptions(t *testing.T) {
	p, h := blobs(1, 3, 3, Margin), heldOut(100, 10)
	for _, change := range []func(o *Options){
		func(o *Options) { o.Head = "triplet" },
		func(o *Options) { o.Epochs = 0 },
		func(o *Options) { o.Batch = 1 },
		func(o *Options) { o.Batch = 10 }, // there are 9 pictures
		func(o *Options) { o.Rate = math.NaN() },
		func(o *Options) { o.Decay = -1 },
		func(o *Options) { o.Network.Layers = nil },
		func(o *Options) { o.Network.Layers = []Layer{{4, 3}} },
		func(o *Options) { o.Network.Dim = 0 },
	} {
		o := small()
		change(&o)
		_, _, err := Train(t.Context(), o, p, h, Run{Dir: t.TempDir()})
		if !errors.Is(err, ErrOptions) && !errors.Is(err, ErrNetwork) && !errors.Is(err, ErrHead) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestParseNetwork(t *testing.T) {
	n, err := ParseNetwork("16/2, 32,48/1", 64)
	if want := (Network{Layers: []Layer{{16, 2}, {32, 1}, {48, 1}}, Dim: 64}); err != nil || fmt.Sprint(n) != fmt.Sprint(want) {
		t.Errorf("%v, %v; want %v", n, err, want)
	}
	for _, bad := range []string{"", "16/", "x", "16,,32", "0", "16/4", "99999"} {
		if _, err := ParseNetwork(bad, 64); !errors.Is(err, ErrNetwork) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The exported model computes what the trained one does, and a wrong one is found.
func TestExport(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	o := small()
	o.Epochs = 2
	m, _, err := Train(t.Context(), o, p, h, Run{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	onnx, err := m.ONNX()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.ONNX(); err != nil || !bytes.Equal(onnx, again) {
		t.Errorf("a second export has other bytes: %v", err)
	}
	if cosine, err := m.Check(onnx, h, 20); err != nil || cosine < .99999 {
		t.Errorf("the exported model differs: cosine %v, %v", cosine, err)
	}
	for _, s := range m.Moments {
		s.Values[0] += 1
	}
	if cosine, err := m.Check(onnx, h, 20); !errors.Is(err, ErrExport) {
		t.Errorf("another model passes for the exported one: cosine %v, %v", cosine, err)
	}
}
