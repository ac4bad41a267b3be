package screen

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

// PlanText returns what a planned run would do, for a person.
func PlanText(run schemas.RunID, sources []schemas.PlanSource, f *admin.Forecast) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-10s %10s %11s %7s %6s\n", "source", "images", "identities", "shards", "tasks")
	for _, s := range sources {
		tasks := 0
		for _, sh := range s.Shards {
			tasks += len(sh.Parts)
		}
		name := string(s.Name)
		if s.Name == schemas.Set {
			name = "the set"
		}
		fmt.Fprintf(&b, "%-10s %10s %11s %7s %6s\n", name, Count(s.Images), Count(s.Identities),
			Count(len(s.Shards)), Count(tasks))
	}
	b.WriteString(skippedText(sources))
	b.WriteString("\n")
	shards := len(sources[0].Shards)
	switch {
	case f.Reported:
		b.WriteString("the report is there; run shows it\n")
	case f.Ready == 0:
		fmt.Fprintf(&b, "to do: %s of embedding, then %s of comparing and judging\n", Plural(f.Parts, "task"),
			Count(2*shards))
	case f.Sure:
		fmt.Fprintf(&b, "to do: %s of embedding (%s ready from before), then %s of comparing and judging\n",
			Plural(f.Parts-f.Ready, "task"), Count(f.Ready), Count(2*shards))
	default:
		fmt.Fprintf(&b, "to do: %s of embedding, then %s of comparing and judging; %s ready\n"+
			"from before where this machine computes as the one that made them\n",
			Plural(f.Parts, "task"), Count(2*shards), Count(f.Ready))
	}
	fmt.Fprintf(&b, "nothing was written; this is run %s\n", run)
	return b.String()
}

// skippedText lists the files that are no images.
func skippedText(sources []schemas.PlanSource) string {
	var b strings.Builder
	for _, s := range sources {
		if text := skipped(s.Skipped); text != "" {
			name := "the set"
			if s.Name != schemas.Set {
				name = string(s.Name)
			}
			b.WriteString(Wrap("skipped in "+name+": "+text, "", Width))
		}
	}
	return b.String()
}
