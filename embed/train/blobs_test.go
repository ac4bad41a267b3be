package train

import (
	"fmt"
	"math"
	"math/rand/v2"
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
		Network: Network{Layers: []Layer{{6, 2}, {8, 2}, {12, 2}}, Dim: 8}, Loss: "amsoftmax",
		Epochs: 3, Batch: 8, Rate: .01, Warm: 5, Decay: .05, Ramp: .3, Seed: 3, Augmentation: DefaultAugmentation(),
	}
}

// made is the bytes of a model: both of its files.
func made(t *testing.T, m *Model, s State, p *Pictures, h *HeldOut) string {
	t.Helper()
	onnx, err := m.ONNX()
	if err != nil {
		t.Fatal(err)
	}
	text, err := Describe(m, s, p, h, "facetrain", Drawn{})
	if err != nil {
		t.Fatal(err)
	}
	return string(onnx) + string(text)
}
