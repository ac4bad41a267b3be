package simulate

import (
	"strings"
	"testing"
)

// Small identities stay out before any is held back; of the others as many stay as are asked for.
func TestLeastAndIdentities(t *testing.T) {
	src := Source{Images: append(listing(30, 8), listing(60, 3)[90:]...)}
	o := Options{Seed: 4, Outliers: .05, HoldBack: 10, Least: 4, Identities: 7, PerIdentity: 6, FlipMode: Swap}
	labels := map[string]bool{}
	r := mustMake(t, src, o)
	for _, e := range r.Entries {
		labels[e.Identity] = true
		if e.Image.Identity >= "id030" {
			t.Errorf("%s has three images and is in the set", e.Image.Identity)
		}
	}
	if len(labels) != 7 || r.Identities != 7 || len(r.HeldBack) != 10 {
		t.Errorf("%d labels, %d identities, %d held back", len(labels), r.Identities, len(r.HeldBack))
	}
	wide := o
	wide.Identities = 12
	more := map[string]bool{}
	for _, e := range mustMake(t, src, wide).Entries {
		more[e.Identity] = true
	}
	for l := range labels {
		if !more[l] {
			t.Errorf("%s leaves when the set may have more identities", l)
		}
	}
}

// A set of nobody is not made, and says so.
func TestNobodyStays(t *testing.T) {
	for _, o := range []Options{{Least: 100, FlipMode: Swap}, {Flips: .1, Least: 9, FlipMode: Add}} {
		if _, err := Make(Source{Images: listing(30, 8)}, o); err == nil || !strings.Contains(err.Error(), "no identity stays") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := Make(Source{}, Options{FlipMode: Swap}); err == nil {
		t.Error("a set is made of nothing")
	}
}

// Few flips can be swapped whichever labels they fall on: at most half are of one.
func TestFewSwaps(t *testing.T) {
	for seed := range uint64(200) {
		r := mustMake(t, Source{Images: listing(4, 30)}, Options{Seed: seed, Flips: .025, FlipMode: Swap})
		if n := len(r.Truth); n != 3 {
			t.Errorf("seed %d: %d flips, want 3", seed, n)
		}
	}
}
