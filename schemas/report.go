package schemas

import "io"

// WriteVerdicts writes one part of the report's images table, in order. It takes paths
// and labels raw and escapes them (EscapePath), as the writers of the report's other
// tables do.
func WriteVerdicts(w io.Writer, rows []Verdict) error { return verdictsTable().write(w, rows) }

// ReadVerdicts reads one part of the report's images table. It returns paths and labels
// raw, as the readers of the report's other tables do; vectors are not part of it.
func ReadVerdicts(r io.Reader) ([]Verdict, error) { return verdictsTable().read(r) }

// WriteIdentities writes the report's identities table, in order.
func WriteIdentities(w io.Writer, rows []IdentityVerdict) error {
	return identitiesTable().write(w, rows)
}

// ReadIdentities reads the report's identities table.
func ReadIdentities(r io.Reader) ([]IdentityVerdict, error) { return identitiesTable().read(r) }

// WritePairs writes the report's pairs table, in order.
func WritePairs(w io.Writer, rows []Pair) error { return pairsTable().write(w, rows) }

// ReadPairs reads the report's pairs table.
func ReadPairs(r io.Reader) ([]Pair, error) { return pairsTable().read(r) }

// WriteOverlaps writes the report's overlap table, in order.
func WriteOverlaps(w io.Writer, rows []Overlap) error { return overlapsTable().write(w, rows) }

// ReadOverlaps reads the report's overlap table.
func ReadOverlaps(r io.Reader) ([]Overlap, error) { return overlapsTable().read(r) }

func verdictsTable() table[Verdict] {
	of := func(v *Verdict) *Embedding { return &v.Embedding }
	cols := []column[Verdict]{
		text("path", "", "path below the set's root, escaped", escapedForm(),
			func(v *Verdict) *string { return &v.Embedding.Path }),
		text("identity", "", "label in the set, escaped", escapedForm(),
			func(v *Verdict) *string { return &v.Identity }),
		count("group", "", "the image's group of a merged label, from 1, the largest; null where identity is not merged or the image is not usable",
			func(v *Verdict) *int32 { return &v.Group }, func(v *Verdict) bool { return v.Group == 0 }, 0),
	}
	cols = append(cols, imageColumns(of)...)
	cols = append(cols, faceColumns(of)...)
	cols = append(cols, scoreColumns()...)
	cols = append(cols, decisionColumns()...)
	return table[Verdict]{name: "images 3", columns: append(cols,
		errorColumn(of),
		maybeText("vector_object", "",
			"object in the store that holds the image's vector of the first look; null where that gave none", textForm(),
			func(v *Verdict) *string {
				if v.VectorObject == "" {
					return nil
				}
				return &v.VectorObject
			},
			func(v *Verdict, s *string) error {
				if s != nil {
					v.VectorObject = *s
				}
				return nil
			}),
		count("vector_row", "row", "row of vector_object, from 0; null where vector_object is",
			func(v *Verdict) *int32 { return &v.VectorRow },
			func(v *Verdict) bool { return v.VectorObject == "" }, 0),
	)}
}

func scoreColumns() []column[Verdict] {
	return []column[Verdict]{
		floatPointer("quality", "0..1",
			"quality of the chosen face: the score that such a face is expected to have; null where nothing is known of it",
			func(v *Verdict) **float32 { return &v.Quality }),
		floatPointer("score", "cosine",
			"leave-one-out cosine to the trimmed centroid of the own identity; "+
				"null where the image is not usable or alone",
			func(v *Verdict) **float32 { return &v.Score }),
		pointer("other_identity", "",
			"the other identity whose centroid is nearest, escaped; null where score could not be compared",
			escapedForm(), func(v *Verdict) **string { return &v.OtherIdentity }),
		floatPointer("other_score", "cosine",
			"cosine to the trimmed centroid of other_identity; null where it is",
			func(v *Verdict) **float32 { return &v.OtherScore }),
		floatPointer("p_noise", "0..1",
			"probability that the image is not of its identity; null where it can't be judged",
			func(v *Verdict) **float32 { return &v.PNoise }),
		text("second_look", "",
			"empty: the image was looked at once; face: a second look found a face; "+
				"given-up: the task of the second look failed too often, the first look counts; else the fault for which it gave none",
			textForm(), func(v *Verdict) *string { return &v.SecondLook }),
		floatPointer("first_p_noise", "0..1",
			"p_noise as the first look saw it; null where the image was looked at once or could not be judged then",
			func(v *Verdict) **float32 { return &v.FirstPNoise }),
	}
}

func decisionColumns() []column[Verdict] {
	return []column[Verdict]{
		word("type", "what the image was found to be, one of the closed list of types", false,
			func(v *Verdict) *Type { return &v.Type }),
		word("decision", "keep, drop, relabel or review", false,
			func(v *Verdict) *Decision { return &v.Decision }),
		text("reason", "", "why, one sentence", textForm(), func(v *Verdict) *string { return &v.Reason }),
		pointer("suggested_identity", "",
			"the label it should have, escaped; null where none is suggested", escapedForm(),
			func(v *Verdict) **string { return &v.SuggestedIdentity }),
		floatPointer("p_suggested", "0..1", "probability that suggested_identity is right; null where it is",
			func(v *Verdict) **float32 { return &v.PSuggested }),
		pointer("duplicate_of", "",
			"path of the first image with the same content, or of the one that represents a near-duplicate's group, "+
				"escaped; else null",
			escapedForm(), func(v *Verdict) **string { return &v.DuplicateOf }),
		texts("evidence_for", "", "paths of the nearest images of the own identity, nearest first, escaped",
			func(v *Verdict) *[]string { return &v.EvidenceFor }),
		texts("evidence_against", "",
			"paths of the nearest images of other_identity, nearest first, escaped",
			func(v *Verdict) *[]string { return &v.EvidenceAgainst }),
	}
}

func identitiesTable() table[IdentityVerdict] {
	return table[IdentityVerdict]{name: "identities 1", columns: []column[IdentityVerdict]{
		text("identity", "", "label in the set, escaped", escapedForm(),
			func(v *IdentityVerdict) *string { return &v.Identity }),
		pointer("name", "", "the person's name where the set ships one, escaped; else null", escapedForm(),
			func(v *IdentityVerdict) **string { return &v.Name }),
		count("images", "images", "images with this label",
			func(v *IdentityVerdict) *int32 { return &v.Images }, nil, 0),
		count("usable", "images", "images that are usable",
			func(v *IdentityVerdict) *int32 { return &v.Usable }, nil, 0),
		floatPointer("mean_score", "cosine", "mean score of the usable images; null where none has one",
			func(v *IdentityVerdict) **float32 { return &v.MeanScore }),
		floatPointer("noise_rate", "0..1", "mean p_noise of the judged images, as if there were one more, with the set's mean; null where none has one",
			func(v *IdentityVerdict) **float32 { return &v.NoiseRate }),
		pointer("nearest_identity", "",
			"the other identity of the set whose centroid is nearest, escaped; null where there is none",
			escapedForm(), func(v *IdentityVerdict) **string { return &v.NearestIdentity }),
		floatPointer("nearest_score", "cosine",
			"cosine of the two trimmed centroids; null where nearest_identity is",
			func(v *IdentityVerdict) **float32 { return &v.NearestScore }),
		floatPointer("p_merged", "0..1", "probability that two people stand under it; null where none of its images is usable",
			func(v *IdentityVerdict) **float32 { return &v.PMerged }),
		word("flag", "what a person should look at, one of the closed list of flags; empty: nothing", true,
			func(v *IdentityVerdict) *Flag { return &v.Flag }),
	}}
}

func pairsTable() table[Pair] {
	return table[Pair]{name: "pairs 1", columns: []column[Pair]{
		word("kind", "split: two labels are one person; duplicate: two images are one picture; near-duplicate: likewise, in other bytes", false,
			func(v *Pair) *PairKind { return &v.Kind }),
		text("a_identity", "", "first label, escaped", escapedForm(),
			func(v *Pair) *string { return &v.AIdentity }),
		text("b_identity", "", "second label, escaped", escapedForm(),
			func(v *Pair) *string { return &v.BIdentity }),
		text("a_path", "",
			"duplicate: the first image; near-duplicate: the group's representative, or of two labels the first; "+
				"split: the best pair's image of a; escaped", escapedForm(),
			func(v *Pair) *string { return &v.APath }),
		text("b_path", "",
			"duplicate, near-duplicate: the second image; split: the best pair's image of b; escaped", escapedForm(),
			func(v *Pair) *string { return &v.BPath }),
		float("score", "cosine", "split: cosine of the trimmed centroids; duplicate: 1; near-duplicate: cosine of the vectors, 0: unknown",
			func(v *Pair) *float32 { return &v.Score }),
		float("p", "0..1", "probability that the pair is one person or one picture",
			func(v *Pair) *float32 { return &v.P }),
	}}
}

func overlapsTable() table[Overlap] {
	return table[Overlap]{name: "overlap 1", columns: []column[Overlap]{
		text("identity", "", "label in the set, escaped", escapedForm(),
			func(v *Overlap) *string { return &v.Identity }),
		text("reference", "", "name of the reference", textForm(),
			func(v *Overlap) *string { return (*string)(&v.Reference) }),
		text("reference_identity", "", "label in the reference, escaped", escapedForm(),
			func(v *Overlap) *string { return &v.ReferenceIdentity }),
		word("tier", "how sure the overlap is, one of the closed list of tiers", false,
			func(v *Overlap) *Tier { return &v.Tier }),
		float("score", "cosine", "cosine of the trimmed centroids",
			func(v *Overlap) *float32 { return &v.Score }),
		float("p", "0..1", "probability that they are one person",
			func(v *Overlap) *float32 { return &v.P }),
		truth("name_match", "", "whether the normalised names are equal",
			func(v *Overlap) *bool { return &v.NameMatch }),
		text("evidence_path", "", "the set's image of the best pair, escaped", escapedForm(),
			func(v *Overlap) *string { return &v.EvidencePath }),
		text("reference_path", "", "the reference's image of the best pair, escaped", escapedForm(),
			func(v *Overlap) *string { return &v.ReferencePath }),
		float("evidence_score", "cosine", "cosine of the best pair",
			func(v *Overlap) *float32 { return &v.EvidenceScore }),
	}}
}
