package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"
)

// A model learns to tell people apart that it never saw, with each loss.
func TestTrainLearns(t *testing.T) {
	p, h := blobs(1, 16, 8, Margin), heldOut(100, 40)
	for _, function := range losses() {
		t.Run(function.name, func(t *testing.T) {
			o := small()
			o.Loss, o.Epochs, o.Augmentation = function.name, 8, Augmentation{Shift: 1, Mirror: .5}
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

// Two trainings from one seed give equal bytes, on any number of processors, from
// another seed others.
func TestTrainRepeats(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	models := map[string]int{}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, seed := range []uint64{3, 3, 4, 3} {
		runtime.GOMAXPROCS(processors + 1)
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
		t.Errorf("%d different models of two seeds, one of them used three times", len(models))
	}
}

func TestImpossibleOptions(t *testing.T) {
	p, h := blobs(1, 3, 3, Margin), heldOut(100, 10)
	for _, change := range []func(o *Options){
		func(o *Options) { o.Loss = "triplet" },
		func(o *Options) { o.Epochs = 0 },
		func(o *Options) { o.Batch = 1 },
		func(o *Options) { o.Batch = 10 }, // there are 9 pictures
		func(o *Options) { o.Rate = math.NaN() },
		func(o *Options) { o.Rate = math.Inf(1) },
		func(o *Options) { o.Decay = -1 },
		func(o *Options) { o.Decay = math.Inf(1) },
		func(o *Options) { o.Ramp = 1.5 },
		func(o *Options) { o.Network.Layers = nil },
		func(o *Options) { o.Network.Layers = []Layer{{4, 3}} },
		func(o *Options) { o.Network.Dim = 0 },
	} {
		o := small()
		change(&o)
		_, _, err := Train(t.Context(), o, p, h, Run{Dir: t.TempDir()})
		if !errors.Is(err, ErrOptions) && !errors.Is(err, ErrNetwork) && !errors.Is(err, ErrLoss) {
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
