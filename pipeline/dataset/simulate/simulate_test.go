package simulate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// listing returns a set of identities with some images each.
func listing(identities, images int) (all []Image) {
	for i := range identities {
		for k := range images {
			id := fmt.Sprintf("id%03d", i)
			all = append(all, Image{Path: fmt.Sprintf("train/%s/%02d.JPG", id, k), Identity: id})
		}
	}
	return all
}

// everything simulates each issue.
func everything(mode FlipMode) (Source, Options) {
	src := Source{Images: listing(60, 12), Nearest: map[string]string{}}
	for i := range 60 {
		src.Nearest[fmt.Sprintf("id%03d", i)] = fmt.Sprintf("id%03d", (i+1)%60)
	}
	return src, Options{Seed: 3, Flips: .05, HardFlips: .02, Outliers: .05, FlipMode: mode, HoldBack: 10,
		Collisions: 2, CollisionShare: .25, Merges: 2, Splits: 3, Duplicates: 4}
}

func mustMake(t *testing.T, src Source, o Options) *Result {
	t.Helper()
	r, err := Make(src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What the truth says is what stands where.
func TestTruthHolds(t *testing.T) {
	for _, mode := range []FlipMode{Swap, Add} {
		src, o := everything(mode)
		r := mustMake(t, src, o)
		at, rows := map[string]Entry{}, map[string]truth.Row{}
		for _, e := range r.Entries {
			at[e.Path] = e
		}
		second := map[string]string{}
		for _, row := range r.Truth {
			if row.Path != "" {
				rows[row.Path] = row
			}
			if row.Issue == truth.Split {
				second[row.Other] = row.Identity
			}
		}
		person := func(label string) string {
			if first, ok := second[label]; ok {
				return first
			}
			return label
		}
		wrong, size := map[string]int{}, map[string]int{}
		for _, e := range r.Entries {
			row, faulty := rows[e.Path]
			shown, under := e.Image.Identity, person(e.Identity)
			size[e.Identity]++
			if !strings.HasPrefix(e.Path, e.Identity+"/") || strings.Contains(e.Path[len(e.Identity):], "id") {
				t.Errorf("%s under %s: the name tells who it is", e.Path, e.Identity)
			}
			switch {
			case !faulty || row.Issue == truth.Duplicate:
				if shown != under {
					t.Errorf("%s: %s shows %s, and no row says so", mode, e.Path, shown)
				}
				if faulty && (at[row.Other].Image != e.Image || row.Other >= row.Path) {
					t.Errorf("%s is a copy of %s, which comes first", row.Path, row.Other)
				}
			case shown == under || row.Identity != e.Identity:
				t.Errorf("%s: %+v, and it shows %s", mode, row, shown)
			case row.Issue == truth.Flip && row.Other != shown, row.Issue == truth.HardFlip && row.Other != shown:
				t.Errorf("%s: %+v, and it shows %s", mode, row, shown)
			case row.Issue == truth.HardFlip && src.Nearest[shown] != e.Identity && src.Nearest[e.Identity] != shown:
				t.Errorf("%+v: neither is nearest to the other", row)
			case row.Issue == truth.Outlier && !slices.Contains(r.HeldBack, shown):
				t.Errorf("%+v shows %s, who is in the set", row, shown)
			}
			if faulty && row.Issue != truth.Duplicate && row.Issue != truth.Merge {
				wrong[e.Identity]++
			}
		}
		for id, n := range wrong {
			if 2*n > size[id] {
				t.Errorf("%s: %d of %d images of %s are wrong", mode, n, size[id], id)
			}
		}
		counts, total := r.Counts(), float64(len(r.Entries))
		if counts[truth.Split] != 3 || counts[truth.Duplicate] != 4 || counts[truth.Merge] != 2*12+2*4 {
			t.Errorf("%v", counts)
		}
		for issue, share := range map[truth.Issue]float64{truth.Flip: .05, truth.HardFlip: .02, truth.Outlier: .05} {
			if got := float64(counts[issue]) / total; got < share-.003 || got > share+.003 {
				t.Errorf("%s: %.4f of the images are %s, want %g", mode, got, issue, share)
			}
		}
		if text, err := truth.Format(r.Truth); err != nil {
			t.Error(err)
		} else if again, err := truth.Parse(strings.NewReader(string(text))); err != nil || !slices.Equal(again, r.Truth) {
			t.Errorf("the truth reads back otherwise: %v", err)
		}
	}
}

// Swapped flips leave the sizes of labels as they were.
func TestSwapKeepsSizes(t *testing.T) {
	r := mustMake(t, Source{Images: listing(30, 8)}, Options{Seed: 1, Flips: .3, FlipMode: Swap})
	size := map[string]int{}
	for _, e := range r.Entries {
		size[e.Identity]++
	}
	for id, n := range size {
		if n != 8 {
			t.Errorf("%s has %d images", id, n)
		}
	}
	if n := r.Counts()[truth.Flip]; n != 72 {
		t.Errorf("%d flips", n)
	}
}

// Equal options give equal sets, other seeds others; a set that has grown keeps most
// of its draws.
func TestDraws(t *testing.T) {
	src, o := everything(Add)
	a, b := mustMake(t, src, o), mustMake(t, src, o)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same options give another set")
	}
	o.Seed++
	if reflect.DeepEqual(a.Truth, mustMake(t, src, o).Truth) {
		t.Error("another seed gives the same set")
	}
	plain := Options{Seed: 5, Flips: .1, FlipMode: Add}
	small, large := mustMake(t, Source{Images: listing(100, 10)}, plain), mustMake(t, Source{Images: listing(101, 10)}, plain)
	same := 0
	for _, row := range small.Truth {
		same += count(large.Truth, row)
	}
	if same < len(small.Truth)*8/10 {
		t.Errorf("of %d flips %d are left when the set grows by one identity", len(small.Truth), same)
	}
}

func count(rows []truth.Row, row truth.Row) (n int) {
	for _, r := range rows {
		if r == row {
			n++
		}
	}
	return n
}

// Without mates outliers show as many persons as there are; with them each person has
// a drawn share of his images in the set, under labels of their own.
func TestMates(t *testing.T) {
	persons := func(o Options) map[string]int {
		n := map[string]int{}
		under := map[string]bool{}
		for _, e := range mustMake(t, Source{Images: listing(60, 12)}, o).Entries {
			if e.Image.Identity == e.Identity {
				continue
			}
			n[e.Image.Identity]++
			if under[e.Identity+" "+e.Image.Identity] {
				t.Errorf("%s has two images of %s", e.Identity, e.Image.Identity)
			}
			under[e.Identity+" "+e.Image.Identity] = true
		}
		return n
	}
	o := Options{Seed: 2, Outliers: .03, HoldBack: 20, FlipMode: Swap}
	for id, n := range persons(o) {
		if n != 1 {
			t.Errorf("%d outliers of %s, of 15 by 20 persons", n, id)
		}
	}
	o.Mates = Range{.5, .5}
	most := 0
	for _, n := range persons(o) {
		most = max(most, n)
	}
	if most != 1+6 { // half of eleven others
		t.Errorf("a person has %d images", most)
	}
}

func TestPerIdentityAndStrangers(t *testing.T) {
	src := Source{Images: listing(20, 12), Strangers: []Image{{Path: "ID001/1.png", Identity: "ID001"},
		{Path: "x/1.png", Identity: "x"}, {Path: "y/2.png", Identity: "y"}}}
	r := mustMake(t, src, Options{Seed: 2, PerIdentity: 5, Outliers: .02, FlipMode: Swap})
	strangers := map[string]bool{}
	for _, e := range r.Entries {
		if e.Stranger {
			strangers[e.Image.Identity] = true
		}
	}
	if len(r.Entries) != 102 || !strangers["x"] || !strangers["y"] || strangers["ID001"] {
		t.Errorf("%d images, strangers %v", len(r.Entries), strangers)
	}
}

func TestRefusedSimulations(t *testing.T) {
	src := Source{Images: listing(6, 4)}
	for want, o := range map[string]Options{
		"lies between":            {Flips: 1.2},
		"together at most":        {Flips: .5, Outliers: .2},
		"flip mode":               {FlipMode: "odd"},
		"no report says":          {HardFlips: .1},
		"two at least stay":       {HoldBack: 5},
		"collisions wanted":       {Collisions: 4, CollisionShare: .2},
		"merges wanted":           {Merges: 4},
		"splits wanted":           {Splits: 7},
		"duplicates wanted":       {Duplicates: 25},
		"hold back more":          {Outliers: .4, HoldBack: 1},
		"above 0":                 {Collisions: 1},
		"flips wanted":            {Flips: .6},
		"the first is the least":  {Mates: Range{.4, .1}},
		"give a number from 0 to": {Splits: -1},
		"identities wanted":       {Identities: 5, HoldBack: 2},
	} {
		if o.FlipMode == "" {
			o.FlipMode = Swap
		}
		if _, err := Make(src, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	odd := Source{Images: []Image{{Path: "a\n/1.jpg", Identity: "a\n"}}}
	if _, err := Make(odd, Options{FlipMode: Swap}); err == nil || !strings.Contains(err.Error(), "control character") {
		t.Error(err)
	}
}

// Half of the guests are the identity nearest to their label's, where that is asked for.
func TestAlikeGuests(t *testing.T) {
	src, _ := everything(Swap)
	o := Options{Seed: 3, FlipMode: Swap, Collisions: 10, CollisionShare: .25, AlikeGuests: .5}
	alike, guests := map[string]bool{}, map[string]bool{}
	for _, e := range mustMake(t, src, o).Entries {
		if e.Image.Identity != e.Identity {
			guests[e.Identity] = true
			if src.Nearest[e.Identity] == e.Image.Identity {
				alike[e.Identity] = true
			}
		}
	}
	if len(guests) != 10 || len(alike) < 4 || len(alike) > 6 {
		t.Errorf("%d labels with a guest, %d with the nearest", len(guests), len(alike))
	}
	src.Nearest = nil
	if _, err := Make(src, o); err == nil {
		t.Error("nobody says who is nearest, and guests are")
	}
}
