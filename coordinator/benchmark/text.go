package benchmark

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/schemas"
)

// Text returns what a set shares with a reference for a person, through a tier: all
// tiers are shown, and what the tiers up to it add up to.
func Text(o *Overlap, through schemas.Tier) string {
	var b strings.Builder
	sum := o.Tiers[through.Rank()].Through
	fmt.Fprintf(&b, "%s: %s of %s in the set\n", o.Reference, screen.Count(sum.People),
		screen.Plural(o.People, "identity"))
	fmt.Fprintf(&b, "\n  %-12s %10s %8s %8s\n", "tier", "identities", "images", "people")
	for _, t := range o.Tiers {
		fmt.Fprintf(&b, "  %-12s %10s %8s %8s  %s\n", t.Tier, screen.Count(t.Identities), screen.Count(t.Images),
			screen.Count(t.People), t.Tier.Meaning())
	}
	b.WriteString("\n" + screen.Wrap(fmt.Sprintf("Leaving out %s removes %s with %s.", names(through),
		screen.Plural(sum.Identities, "identity"), screen.Plural(sum.Images, "image")), "  ", textWidth))
	if o.Pairs != nil {
		b.WriteString("\n" + o.Pairs.text(through, sum.People))
	}
	return b.String()
}

// textWidth is how wide a text for a terminal is.
const textWidth = 80

// names joins a tier and the surer ones: "same-image + certain".
func names(through schemas.Tier) string {
	var all []string
	for _, t := range schemas.Tiers()[:through.Rank()+1] {
		all = append(all, string(t))
	}
	return strings.Join(all, " + ")
}

// text returns what of the protocol is touched, by fold at one tier.
func (p *Pairs) text(through schemas.Tier, people int) string {
	var b strings.Builder
	t := p.Through[through.Rank()]
	all := p.Genuine + p.Impostor
	fmt.Fprintf(&b, "  Of %s %s somebody of the set\n  (%s)\n", screen.Plural(all, "pair"),
		screen.Count(all-t.Clean)+verb(all-t.Clean), p.URL)
	fmt.Fprintf(&b, "\n  %-14s %8s %8s %8s\n", "through tier", "genuine", "impostor", "clean")
	for _, v := range p.Through {
		fmt.Fprintf(&b, "  %-14s %8s %8s %8s\n", v.Tier, screen.Count(v.Genuine), screen.Count(v.Impostor), screen.Count(v.Clean))
	}
	fmt.Fprintf(&b, "\n  %-14s %8s %8s %8s   (%s)\n", "fold", "genuine", "impostor", "clean", "through "+string(through))
	for _, f := range t.Folds {
		fmt.Fprintf(&b, "  %-14d %8s %8s %8s\n", f.Fold, screen.Count(f.Genuine), screen.Count(f.Impostor), screen.Count(f.Clean))
	}
	if p.Pictures > 0 {
		fmt.Fprintf(&b, "\n  At least %s a picture that the set has, too.\n", screen.Plural(p.Pictures, "pair")+verb(p.Pictures))
	}
	if p.Named == 0 && people > 0 {
		b.WriteString("\n" + screen.Wrap("No pair names a person of the overlap table. If that surprises you, name "+
			"this reference's own list with --pairs: its names are the reference's labels.", "  ", textWidth))
	}
	return b.String()
}

func verb(n int) string {
	if n == 1 {
		return " names"
	}
	return " name"
}
