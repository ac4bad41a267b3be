package runstore

import (
	"context"
	"slices"

	"github.com/facesieve/facesieve/schemas"
)

// NearDuplicates returns the rows of the run's table of near-duplicates.
func (r *Run) NearDuplicates(ctx context.Context) ([]schemas.NearDuplicate, error) {
	return GetTable(ctx, r.Store, schemas.NearDuplicatesObject(r.ID), schemas.ReadNearDuplicates)
}

// Photographs says which images of the set show one photograph in other bytes.
type Photographs struct {
	within map[string]*schemas.NearDuplicate // by the member that does not represent its group
	across map[string]Twin                   // the first one under another label, by path
	group  map[int64]int64                   // the representative's position, by that of each image of a group
}

// Twin is an image of another label that shows the same photograph.
type Twin struct{ Label, Path string }

// Photographs reads what is known of near-duplicates in the set.
func (r *Run) Photographs(ctx context.Context) (*Photographs, error) {
	rows, err := r.NearDuplicates(ctx)
	if err != nil {
		return nil, err
	}
	p := &Photographs{within: map[string]*schemas.NearDuplicate{}, across: map[string]Twin{}, group: map[int64]int64{}}
	for i := range rows {
		n := &rows[i]
		switch {
		case n.Source != schemas.Set:
		case n.Within():
			p.within[n.BPath] = n
			p.group[n.APosition], p.group[n.BPosition] = n.APosition, n.APosition
		default:
			p.addTwin(n.APath, Twin{n.B, n.BPath})
			p.addTwin(n.BPath, Twin{n.A, n.APath})
		}
	}
	return p, nil
}

// addTwin notes the first twin of an image: rows come in the order of the set.
func (p *Photographs) addTwin(path string, t Twin) {
	if _, known := p.across[path]; !known {
		p.across[path] = t
	}
}

// Representative returns the path of the image under the same label that represents an
// image's group; "" where the image is in none, or represents its group itself.
func (p *Photographs) Representative(path string) string {
	if n := p.within[path]; n != nil {
		return n.APath
	}
	return ""
}

// Twin returns an image under another label that shows the same photograph; false: there is
// none.
func (p *Photographs) Twin(path string) (Twin, bool) {
	t, ok := p.across[path]
	return t, ok
}

// CountOnce leaves out of what is around the images of a shard, whose first image has a position
// in the set's order, what is there of a photograph already: an image's own near-duplicates
// under its label, and of others' groups all but the most similar image.
func (p *Photographs) CountOnce(around []*Around, first int64) {
	if len(p.group) == 0 {
		return
	}
	for row, a := range around {
		if a == nil {
			continue
		}
		var seen []int64
		if own, ok := p.group[first+int64(row)]; ok {
			seen = append(seen, own)
		}
		twice := func(position int64) bool {
			g, ok := p.group[position]
			if ok && slices.Contains(seen, g) {
				return true
			}
			if ok {
				seen = append(seen, g)
			}
			return false
		}
		cosines, positions := a.OwnCosines, a.OwnPositions
		a.OwnCosines, a.OwnPositions = nil, nil
		for k, at := range positions {
			if !twice(at) {
				a.OwnCosines, a.OwnPositions = append(a.OwnCosines, cosines[k]), append(a.OwnPositions, at)
			}
		}
		a.Images = slices.DeleteFunc(a.Images, func(n NearImage) bool { return twice(n.Position) })
	}
}
