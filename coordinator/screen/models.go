package screen

import "fmt"

// Model is a model that is known by name, and where it is.
type Model struct {
	Name      string `json:"name"`
	Role      string `json:"role"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	Licence   string `json:"licence"`
	TrainedOn string `json:"trained_on"`
	URL       string `json:"url,omitempty"`
	Path      string `json:"path,omitempty"`     // where it is; "": it is built in or not here
	BuiltIn   bool   `json:"built_in,omitempty"` // it is part of this program
}

// ModelsHeader heads the table of models.
func ModelsHeader() string {
	return fmt.Sprintf("%-14s %-7s %8s  %-11s %s\n", "name", "role", "size", "licence", "here")
}

// ModelText returns one model for a person; pull is the command that downloads it.
func ModelText(m Model, pull string) string {
	here := "no: " + pull
	switch {
	case m.BuiltIn:
		here = "yes, built in"
	case m.Path != "":
		here = "yes"
	}
	return fmt.Sprintf("%-14s %-7s %8s  %-11s %s\n", m.Name, m.Role, Size(m.Bytes), m.Licence, here) +
		Wrap("trained on "+m.TrainedOn, "               ", Width)
}
