package match

import (
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// What is not sure flags nobody as one person under two labels.
func TestSplitsAreSure(t *testing.T) {
	for _, tier := range schemas.Tiers() {
		p, ok := split(schemas.Neighbour{Kind: schemas.NeighbourIdentity, A: "a", B: "b", Tier: tier})
		if ok != tier.Sure() || p.AIdentity != "a" || p.BIdentity != "b" {
			t.Errorf("tier %s gives %v, %v", tier, p, ok)
		}
	}
}
