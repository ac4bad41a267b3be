package screen

import (
	"fmt"
	"strings"
)

// Dataset is a data set that is known by name, and whether it is here.
type Dataset struct {
	Name        string `json:"name"`
	Present     *bool  `json:"present"` // null: in a bucket, nobody has looked
	Data        string `json:"data"`
	Looked      string `json:"looked,omitempty"`
	Layout      string `json:"layout,omitempty"`
	Aligned     bool   `json:"aligned,omitempty"`
	Description string `json:"description,omitempty"`
	Licence     string `json:"licence,omitempty"`
	Source      string `json:"source,omitempty"`
}

// DatasetText returns one data set for a person, apart from the one before it.
func DatasetText(r Dataset, first bool) string {
	here := "in a bucket"
	switch {
	case r.Present != nil && *r.Present:
		here = "present"
	case r.Present != nil:
		here = "not there"
	}
	var b strings.Builder
	if !first {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%-14s  %-9s  %s", r.Name, here, r.Looked)
	if strings.Contains(r.Looked, "$FACESIEVE_DATA") {
		b.WriteString("  ($FACESIEVE_DATA is not set)")
	}
	b.WriteString("\n")
	for _, line := range []string{r.Description, prefixed("licence: ", r.Licence),
		prefixed("get it: ", r.Source)} {
		if line != "" {
			b.WriteString(Wrap(line, "                ", Width))
		}
	}
	return b.String()
}

// prefixed is text with a prefix, or nothing.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
