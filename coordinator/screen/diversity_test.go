package screen

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// Of several strata that lose clearly more than the others the greatest is told.
func TestThinnedStrataAreTold(t *testing.T) {
	thinned := func(n int, text string) schemas.Warning {
		return schemas.Warning{Code: schemas.WarnThinned, Count: n, Text: text}
	}
	s := &schemas.Summary{Images: 9, Warnings: []schemas.Warning{{Code: schemas.WarnFewIdentities, Text: "few labels"},
		thinned(3, "of 20 blurred faces 3 go"), thinned(8, "of 30 faces in profile 8 go"), thinned(4, "of 40 small faces 4 go"),
		{Code: schemas.WarnMode, Count: 1, Text: "modes that would vanish: 1", Examples: []string{"n1 (4 images, n1/1.jpg)"}}}}
	text := SummaryText(s, &Highlights{})
	want := "\nWarnings\n  few labels\n  of 30 faces in profile 8 go; likewise 2 other groups: report --strata shows\n  them\n" +
		"  modes that would vanish: 1: n1 (4 images, n1/1.jpg)\n"
	if !strings.Contains(text, want) {
		t.Errorf("want %q in\n%s", want, text)
	}
	s.Warnings = s.Warnings[1:2]
	if text := SummaryText(s, &Highlights{}); !strings.Contains(text, "\nWarnings\n  of 20 blurred faces 3 go\n") {
		t.Error(text)
	}
	s.Warnings, s.Diversity = nil, &schemas.Diversity{Identities: schemas.LabelLosses{Emptied: 1, BelowTwo: 2,
		Examples: []schemas.LabelLoss{{Identity: "n1", Images: 4}, {Identity: "n2", Images: 3, Left: 1}}}}
	if text := SummaryText(s, &Highlights{}); !strings.Contains(text, "\nWarnings\n  1 label would lose every image, and 2 that had two "+
		"and more would be left with\n  fewer: n1 (0 of 4 images left), n2 (1 of 3 images left)\n") {
		t.Error(text)
	}
	s.Diversity = &schemas.Diversity{Images: 9, Removed: 2}
	if text := SummaryText(s, &Highlights{}); strings.Contains(text, "Warnings") {
		t.Errorf("nothing to warn of, and\n%s", text)
	}
}
