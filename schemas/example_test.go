package schemas_test

import (
	"bytes"
	"fmt"

	"github.com/facesieve/facesieve/schemas"
)

// A part of the report's images table, read for what a person should look at. Here
// the part stands in memory; a store has it under ReportObject(run, ImagesFile(0)).
func ExampleReadVerdicts() {
	score, other, label := float32(0.12), float32(0.71), "bob"
	var part bytes.Buffer
	if err := schemas.WriteVerdicts(&part, []schemas.Verdict{
		{
			Embedding: schemas.Embedding{Path: "alice/1.jpg"}, Identity: "alice",
			Type: schemas.TypeClean, Decision: schemas.Keep, Reason: "like the other images of its label",
		},
		{
			Embedding: schemas.Embedding{Path: "alice/2.jpg"}, Identity: "alice",
			Score: &score, OtherScore: &other, OtherIdentity: &label, SuggestedIdentity: &label,
			Type: schemas.TypeFlip, Decision: schemas.Relabel, Reason: "more like another identity",
		},
	}); err != nil {
		fmt.Println(err)
		return
	}

	verdicts, err := schemas.ReadVerdicts(&part)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range verdicts {
		fmt.Printf("%s: %s, %s\n", v.Embedding.Path, v.Type, v.Decision)
		if v.Type.WrongLabel() && v.SuggestedIdentity != nil {
			fmt.Printf("  %s, not %s: %.2f against %.2f\n",
				*v.SuggestedIdentity, v.Identity, *v.OtherScore, *v.Score)
		}
	}
	// Output:
	// alice/1.jpg: clean, keep
	// alice/2.jpg: flip, relabel
	//   bob, not alice: 0.71 against 0.12
}

// Paths are bytes, which need not be text. A path that was not written as UTF-8 can
// stand in a table of text all the same.
func ExampleEscapePath() {
	fmt.Println(schemas.EscapePath("Zoë/100%.jpg"))
	fmt.Println(schemas.EscapePath("Zo\xeb/1.jpg")) // Latin-1
	// Output:
	// Zoë/100%25.jpg
	// Zo%EB/1.jpg
}

// What EscapePath wrote is the name of a file again.
func ExampleUnescapePath() {
	path, err := schemas.UnescapePath("Zo%EB/100%25.jpg")
	fmt.Printf("%q %v\n", path, err)
	_, err = schemas.UnescapePath("100%")
	fmt.Println(err)
	// Output:
	// "Zo\xeb/100%.jpg" <nil>
	// schemas: escaped path "100%" ends inside an escape
}

// The tiers, surest first, and whether the images alone are enough to leave an identity
// out.
func ExampleTier_Sure() {
	for _, tier := range schemas.Tiers() {
		fmt.Println(tier.Rank(), tier, tier.Sure())
	}
	// Output:
	// 0 same-image true
	// 1 certain true
	// 2 probable true
	// 3 review false
	// 4 refused false
}
