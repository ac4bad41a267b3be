package schemas

import (
	"io"

	"github.com/facesieve/facesieve/internal/origin"
)

// Centroid is one identity of one source and its trimmed centroid: one row of
// the aggregate table.
type Centroid struct {
	Source  Source
	Label   string  // raw bytes; GroupKey for a group of a merged label
	Name    string  // raw bytes; "" where the source ships none
	Images  int32   // rows with this label
	Usable  int32   // decoded, a face found, vector finite, first of its duplicates
	PMerged float32 // probability that the label holds two people; 0 for a reference
	Kept    int32   // usable images left after trimming
	Rho     float32 // mean cosine of pairs of kept images
	// Trimmed is the centroid that images are compared with, unit length; nil where
	// no image is usable.
	Trimmed []float32
	// Matching is the centroid that identities are compared by: it keeps a person's
	// unusual images. Unit length; nil where Trimmed is.
	Matching []float32
}

// WriteCentroids writes the aggregate table, in order; centroids have dim elements, 1 to
// MaxDim.
func WriteCentroids(w io.Writer, dim int, rows []Centroid) error {
	if dim < 1 || dim > MaxDim {
		return invalid("centroids of %d elements; want 1 to %d", dim, MaxDim)
	}
	return centroidsTable(dim).write(w, rows)
}

// ReadCentroids reads the aggregate table. Centroids come back to the bit.
func ReadCentroids(r io.Reader) ([]Centroid, error) {
	f, err := openFile(r)
	if err != nil {
		return nil, origin.Errorf("schemas", "read centroids: %w", err)
	}
	dim, err := listSize(f.Schema(), "trimmed_centroid")
	if err != nil {
		return nil, origin.Errorf("schemas", "read centroids: %w", err)
	}
	return centroidsTable(dim).readFile(f)
}

func centroidsTable(dim int) table[Centroid] {
	return table[Centroid]{name: "aggregate 1", columns: []column[Centroid]{
		text("source", "", "name of the reference; empty: the set", textForm(),
			func(v *Centroid) *string { return (*string)(&v.Source) }),
		text("identity", "", "label, raw bytes; of a further group of a merged label with a zero byte and its number", rawForm(), func(v *Centroid) *string { return &v.Label }),
		text("name", "", "the person's name, raw bytes; else empty", rawForm(),
			func(v *Centroid) *string { return &v.Name }),
		count("images", "images", "images with this label",
			func(v *Centroid) *int32 { return &v.Images }, nil, 0),
		count("usable", "images", "images that are usable",
			func(v *Centroid) *int32 { return &v.Usable }, nil, 0),
		float("p_merged", "0..1", "probability that the label holds two people; 0 for a reference",
			func(v *Centroid) *float32 { return &v.PMerged }),
		count("kept", "images", "usable images left after trimming",
			func(v *Centroid) *int32 { return &v.Kept }, nil, 0),
		float("rho", "cosine", "mean cosine of pairs of kept images",
			func(v *Centroid) *float32 { return &v.Rho }),
		floats("trimmed_centroid", "", "trimmed centroid, unit length; null where no image is usable", dim,
			func(v *Centroid) []float32 { return v.Trimmed },
			func(v *Centroid, x []float32) { v.Trimmed = x }),
		floats("matching_centroid", "",
			"centroid that keeps a person's unusual images, unit length; null where no image is usable", dim,
			func(v *Centroid) []float32 { return v.Matching },
			func(v *Centroid, x []float32) { v.Matching = x }),
	}}
}

// Neighbour is one row of what comparing a shard with all centroids, or its images' bytes
// with all others, gave: an identity of the shard and another that may be the same
// person, or two equal images.
type Neighbour struct {
	Kind      NeighbourKind
	Source    Source  // B's source
	A, B      string  // labels, raw bytes; A is of the set
	Score     float32 // cosine of the trimmed centroids
	NA, NB    int32   // usable images of A and B
	APath     string  // best pair of images, raw bytes; "" where unknown
	BPath     string
	PathScore float32 // their cosine; 0 where unknown
	Tier      Tier    // "" for a copy, an image and the nearest
	P         float32 // probability that A and B are one person; 0 for these
}

// WriteNeighbours writes a table of neighbours, in order (MatchObject, DuplicatesObject).
func WriteNeighbours(w io.Writer, rows []Neighbour) error { return neighboursTable().write(w, rows) }

// ReadNeighbours reads a table of neighbours.
func ReadNeighbours(r io.Reader) ([]Neighbour, error) { return neighboursTable().read(r) }

func neighboursTable() table[Neighbour] {
	return table[Neighbour]{name: "neighbours 1", columns: []column[Neighbour]{
		word("kind", "identity, reference, copy, image or nearest", false,
			func(v *Neighbour) *NeighbourKind { return &v.Kind }),
		text("source", "", "b's source: name of the reference; empty: the set", textForm(),
			func(v *Neighbour) *string { return (*string)(&v.Source) }),
		text("a_identity", "", "label of the shard's identity, raw bytes", rawForm(),
			func(v *Neighbour) *string { return &v.A }),
		text("b_identity", "", "label of the other identity, raw bytes", rawForm(),
			func(v *Neighbour) *string { return &v.B }),
		float("score", "cosine", "cosine of the trimmed centroids",
			func(v *Neighbour) *float32 { return &v.Score }),
		count("a_usable", "images", "usable images of a",
			func(v *Neighbour) *int32 { return &v.NA }, nil, 0),
		count("b_usable", "images", "usable images of b",
			func(v *Neighbour) *int32 { return &v.NB }, nil, 0),
		text("a_path", "", "a's image of the best pair, raw bytes; empty: unknown", rawForm(),
			func(v *Neighbour) *string { return &v.APath }),
		text("b_path", "", "b's image of the best pair, raw bytes; empty: unknown", rawForm(),
			func(v *Neighbour) *string { return &v.BPath }),
		float("path_score", "cosine", "cosine of the best pair; 0: unknown",
			func(v *Neighbour) *float32 { return &v.PathScore }),
		word("tier", "how sure it is that they are one person; empty: not judged", true,
			func(v *Neighbour) *Tier { return &v.Tier }),
		float("p", "0..1", "probability that they are one person; 0: not judged",
			func(v *Neighbour) *float32 { return &v.P }),
	}}
}
