package benchmark

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/schemas"
)

// hostile is a label with what breaks a CSV or commands a terminal.
const hostile = "b,\"\n\x1b[2J\xff"

// rows is a table where ann is Ann at two tiers, two labels are Bob, and other is
// another reference.
func rows() []schemas.Overlap {
	row := func(identity string, reference schemas.Source, person string, t schemas.Tier, p float32) schemas.Overlap {
		return schemas.Overlap{Identity: identity, Reference: reference, ReferenceIdentity: person, Tier: t, P: p, Score: .5}
	}
	same := row("ann", "lfw", "Ann", schemas.TierSameImage, 1)
	same.ReferencePath = "Ann/Ann_0002.jpg"
	return []schemas.Overlap{
		row("ann", "lfw", "Ann", schemas.TierCertain, 1), same,
		row(hostile, "lfw", "Bob", schemas.TierCertain, .9), row("b2", "lfw", "Bob", schemas.TierProbable, .8),
		row("ann", "lfw", "Cy", schemas.TierReview, .2), row("ann", "other", "Ann", schemas.TierProbable, .7),
		row("d", "lfw", "Dee", schemas.TierRefused, 0),
	}
}

func identities() []schemas.IdentityVerdict {
	return []schemas.IdentityVerdict{{Identity: "ann", Images: 5}, {Identity: hostile, Images: 3}, {Identity: "b2", Images: 2},
		{Identity: "d", Images: 7}, {Identity: "e", Images: 100}}
}

func protocol() *dataset.Protocol {
	c := func(fold int, a string, n int, b string, m int) dataset.Comparison {
		return dataset.Comparison{Fold: fold, Same: a == b, A: dataset.Portrait{Person: a, Number: n},
			B: dataset.Portrait{Person: b, Number: m}}
	}
	return &dataset.Protocol{URL: "pairs.txt", Folds: 2, Comparisons: []dataset.Comparison{
		c(0, "Ann", 1, "Ann", 2), c(0, "Eve", 1, "Eve", 2), c(0, "Ann", 1, "Bob", 1), c(0, "Eve", 1, "Fay", 1),
		c(1, "Bob", 1, "Bob", 2), c(1, "Cy", 1, "Cy", 2), c(1, "Eve", 2, "Ann", 2), c(1, "Dee", 1, "Fay", 1),
	}}
}

func TestCount(t *testing.T) {
	o := Count("lfw", 10, rows(), identities())
	want := []TierCount{
		{schemas.TierSameImage, 1, 5, 1, Through{1, 5, 1}}, {schemas.TierCertain, 1, 3, 1, Through{2, 8, 2}},
		{schemas.TierProbable, 1, 2, 0, Through{3, 10, 2}}, {schemas.TierReview, 0, 0, 1, Through{3, 10, 3}},
		{schemas.TierRefused, 1, 7, 1, Through{4, 17, 4}},
	}
	if len(o.Tiers) != len(want) || o.People != 10 {
		t.Fatalf("got %+v", o)
	}
	for i := range want {
		if o.Tiers[i] != want[i] {
			t.Errorf("got %+v, want %+v", o.Tiers[i], want[i])
		}
	}
}

func TestCountPairs(t *testing.T) {
	p := CountPairs(protocol(), "lfw", rows())
	if p.Genuine != 4 || p.Impostor != 4 || p.Pictures != 2 || p.Named != 4 {
		t.Errorf("got %+v", p)
	}
	want := [][6]int{ // genuine, impostor, clean; of the second fold
		{1, 2, 5, 0, 1, 3}, {2, 2, 4, 1, 1, 2}, {2, 2, 4, 1, 1, 2}, {3, 2, 3, 2, 1, 1}, {3, 3, 2, 2, 2, 0},
	}
	for i, v := range p.Through {
		f := v.Folds[1]
		if got := [6]int{v.Genuine, v.Impostor, v.Clean, f.Genuine, f.Impostor, f.Clean}; got != want[i] {
			t.Errorf("through %s: got %v, want %v", v.Tier, got, want[i])
		}
	}
	if none := CountPairs(protocol(), "gone", rows()); none.Named != 0 || none.Through[4].Clean != 8 {
		t.Errorf("a reference without rows touches %+v", none)
	}
}

func TestLeaveOut(t *testing.T) {
	list := LeaveOut(rows(), identities(), []schemas.Source{"lfw", "other"}, schemas.TierProbable)
	if n, images := Sizes(list); n != 3 || images != 10 {
		t.Errorf("%d identities with %d images", n, images)
	}
	data, err := FormatLeaveOut(list)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"identity tier reference reference_identity score p images", "ann same-image lfw Ann 0.5 1 5",
		"ann probable other Ann 0.5 0.7 5", "b,\"%0A%1B[2J%FF certain lfw Bob 0.5 0.9 3", "b2 probable lfw Bob 0.5 0.8 2"}
	if len(lines) != len(want) {
		t.Fatalf("got %q", lines)
	}
	for i := range want {
		if got := strings.Join(lines[i], " "); got != want[i] {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
	if raw, err := schemas.UnescapePath(lines[3][0]); err != nil || raw != hostile {
		t.Errorf("the label reads %q (%v)", raw, err)
	}
	if sure := LeaveOut(rows(), identities(), []schemas.Source{"lfw"}, schemas.TierCertain); len(sure) != 2 {
		t.Errorf("through certain: %+v", sure)
	}
}

func TestText(t *testing.T) {
	o := Count("lfw", 10, rows(), identities())
	o.Pairs = CountPairs(protocol(), "lfw", rows())
	text := strings.Join(strings.Fields(Text(o, schemas.TierProbable)), " ") // lines are wrapped
	for _, want := range []string{"lfw: 2 of 10 identities in the set", "removes 3 identities with 10 images",
		"Of 8 pairs 4 name somebody", "At least 2 pairs name a picture that the set has"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	o.Pairs.Named = 0
	if text := Text(o, schemas.TierProbable); !strings.Contains(text, "No pair names a person") {
		t.Errorf("of pairs that name nobody it says\n%s", text)
	}
}
