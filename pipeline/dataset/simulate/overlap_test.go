package simulate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// benchmark returns a reference of people with 1 to most images each.
func benchmark(people, most int) (all []Image) {
	for i := range people {
		for k := range 1 + i%most {
			name := fmt.Sprintf("Ann_%c%c", 'A'+i/26, 'a'+i%26)
			all = append(all, Image{Path: fmt.Sprintf("lfw/%s/%s_%04d.jpg", name, name, k+1), Identity: name, Name: name})
		}
	}
	return all
}

// sizes counts images by label.
func sizes(all []Image) map[string]int {
	n := map[string]int{}
	for _, im := range all {
		n[im.Identity]++
	}
	return n
}

// The truth names who of the reference stands under which label; what moved is not in
// the reference, everything else is.
func TestOverlap(t *testing.T) {
	src := Source{Images: listing(40, 8), Reference: benchmark(60, 7)}
	o := Options{Seed: 3, Flips: .1, Outliers: .05, HoldBack: 6, Collisions: 2, CollisionShare: .2, Merges: 1, Splits: 2,
		Duplicates: 3, FlipMode: Swap, Overlap: 12}
	r := mustMake(t, src, o)
	person := map[string]string{}
	for _, row := range r.Truth {
		switch {
		case row.Issue == truth.Overlap:
			person[row.Identity] = row.Other
			if strings.Contains(strings.ToLower(row.Identity), "ann") {
				t.Errorf("%s tells the name of %s", row.Identity, row.Other)
			}
		case person[row.Identity] != "" || person[row.Other] != "":
			t.Errorf("%+v: noise falls on who is in both", row)
		}
	}
	moved := map[string]int{}
	both := map[string]bool{}
	for _, e := range r.Entries {
		if want, shared := person[e.Identity]; e.Referent != shared || shared && e.Image.Identity != want {
			t.Errorf("%+v is under %s, who is %q", e.Image, e.Identity, want)
		}
		if strings.Contains(e.Path, "Ann") {
			t.Errorf("%s tells the name", e.Path)
		}
		if e.Referent {
			moved[e.Image.Identity]++
			both[e.Image.Path] = true
		}
	}
	before, after := sizes(src.Reference), sizes(r.Reference)
	for name, n := range before {
		if after[name]+moved[name] != n || after[name] == 0 || moved[name] > 0 && moved[name] != max(1, n/2) {
			t.Errorf("of %d images of %s %d moved and %d stay", n, name, moved[name], after[name])
		}
	}
	for _, im := range r.Reference {
		if both[im.Path] {
			t.Errorf("%s is in the set and in the reference", im.Path)
		}
	}
	if len(person) != 12 || len(moved) != 12 || r.Counts()[truth.Overlap] != 12 {
		t.Errorf("%d labels of %d people", len(person), len(moved))
	}
	if !slices.IsSortedFunc(r.Reference, func(a, b Image) int { return strings.Compare(a.Identity+" "+a.Path, b.Identity+" "+b.Path) }) {
		t.Error("the reference is in another order")
	}
	if again := mustMake(t, src, o); !reflect.DeepEqual(r, again) {
		t.Error("the same options give another set")
	}
}

// People of whom there are enough images come first, and no label has more than is asked.
func TestOverlapSizes(t *testing.T) {
	src := Source{Images: listing(20, 12), Reference: benchmark(60, 6)} // ten people each of 1 to 6 images
	for _, x := range []struct {
		least, most, people int
		want                map[int]int // labels by how many images they have
	}{
		{0, 0, 50, map[int]int{1: 20, 2: 20, 3: 10}},
		{4, 0, 20, map[int]int{4: 20}},
		{4, 0, 30, map[int]int{4: 20, -1: 10}}, // the rest is of people with fewer
		{0, 2, 50, map[int]int{1: 20, 2: 30}},
		{9, 3, 30, map[int]int{3: 30}},
	} {
		n := map[string]int{}
		for _, e := range mustMake(t, src, Options{Seed: 2, FlipMode: Swap, Least: x.least, PerIdentity: x.most, Overlap: x.people}).Entries {
			if e.Referent {
				n[e.Identity]++
			}
		}
		got := map[int]int{}
		for _, k := range n {
			if x.want[k] == 0 && x.want[-1] > 0 && k < x.least {
				k = -1
			}
			got[k]++
		}
		if !reflect.DeepEqual(got, x.want) {
			t.Errorf("least %d, at most %d: labels by images %v, want %v", x.least, x.most, got, x.want)
		}
	}
}

// Whose name the set or the other collection has is not drawn, whatever it is written like.
func TestOverlapNames(t *testing.T) {
	two := func(label, name string) (all []Image) {
		for k := range 2 {
			all = append(all, Image{Path: fmt.Sprintf("%s/%d.jpg", label, k), Identity: label, Name: name})
		}
		return all
	}
	src := Source{Images: slices.Concat(two("n1", "Ann Lee"), two("n2", ""), two("Bo Ek", ""), two("n4", "Cy")),
		Reference: slices.Concat(two("ann_LEE", "ann_LEE"), two("n2", ""), two("Bo_Ek", "Bo_Ek"), two("x\n", ""), two("n1", "Di"))}
	r := mustMake(t, src, Options{Seed: 1, FlipMode: Swap, Overlap: 1})
	if len(r.Truth) != 1 || r.Truth[0].Other != "n1" {
		t.Errorf("%+v: Di alone, who has another's label in the reference, has another name", r.Truth)
	}
	_, err := Make(src, Options{Seed: 1, FlipMode: Swap, Overlap: 2})
	if err == nil || !strings.Contains(err.Error(), "2 people of the reference wanted, and it has 1 that can be") {
		t.Error(err)
	}
	src.Strangers = slices.Concat(two("Di", ""), two("Em", ""))
	for seed := range uint64(20) {
		for _, e := range mustMake(t, src, Options{Seed: seed, FlipMode: Swap, Outliers: .1, Overlap: 1}).Entries {
			if e.Stranger && e.Image.Identity == "Di" {
				t.Errorf("seed %d: an outlier is of the reference", seed)
			}
		}
	}
}

// A person more in the reference, or in the set, leaves most draws as they are.
func TestOverlapGrows(t *testing.T) {
	o := Options{Seed: 5, FlipMode: Swap, Flips: .1, Overlap: 20}
	small := mustMake(t, Source{Images: listing(50, 6), Reference: benchmark(100, 5)}, o)
	for what, src := range map[string]Source{
		"reference": {Images: listing(50, 6), Reference: benchmark(104, 5)},
		"set":       {Images: listing(51, 6), Reference: benchmark(100, 5)},
	} {
		large := mustMake(t, src, o)
		at := map[string]string{}
		for _, e := range large.Entries {
			at[e.Image.Path] = e.Path
		}
		same, all := 0, 0
		for _, e := range small.Entries {
			if e.Referent {
				all++
				if at[e.Image.Path] == e.Path {
					same++
				}
			}
		}
		if same < all*8/10 || what == "set" && same < all {
			t.Errorf("of %d images of the reference %d stand where they did when the %s grows", all, same, what)
		}
	}
}

func TestParseOverlap(t *testing.T) {
	name, url, people, err := ParseOverlap("lfw=/data/a,b=c,20")
	if err != nil || name != "lfw" || url != "/data/a,b=c" || people != 20 {
		t.Error(name, url, people, err)
	}
	for text, want := range map[string]string{"lfw": "NAME=FOLDER,N", "lfw=/data/lfw": "NAME=FOLDER,N", "lfw=,3": "NAME=FOLDER,N",
		"lfw=/data,x": "how many people", "lfw=/data,0": "how many people", "LFW=/data,3": "a-z", "=/data,3": "a-z", "a/b=/data,3": "a-z"} {
		if _, _, _, err := ParseOverlap(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
