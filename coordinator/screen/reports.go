package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

// ReportLine is one of a store's reports, in brief.
type ReportLine struct {
	Run     schemas.RunID    `json:"run"`
	Written time.Time        `json:"written"`
	Data    string           `json:"data"`             // where the set is; "" where it was ready vectors
	Summary *schemas.Summary `json:"summary"`          // null where it can't be read
	Unread  string           `json:"unread,omitempty"` // why
}

// DataOf returns where a run's set is; "" for ready vectors.
func DataOf(r admin.RunStatus) string {
	if len(r.Sources) == 0 {
		return ""
	}
	return r.Sources[0].URL
}

// ReportLineText returns a report in brief for a person: what it is of, when it was
// made, and what it found.
func ReportLineText(r ReportLine) string {
	data := r.Data
	if data == "" {
		data = "ready vectors"
	}
	found := r.Unread
	if r.Summary != nil {
		found = headline(r.Summary)
	}
	return fmt.Sprintf("%s  %s\n  %s\n  %s\n", r.Run, r.Written.UTC().Format("2006-01-02 15:04 UTC"), data, found)
}

// headline says in a line what a report has found.
func headline(s *schemas.Summary) string {
	text := fmt.Sprintf("%s of %s", Plural(s.Images, "image"), Plural(s.Identities, "identity"))
	if s.NoiseRate != nil {
		text += fmt.Sprintf("; about %s wrong (%s to %s)", Percent(s.NoiseRate.Value), Percent(s.NoiseRate.Low),
			Percent(s.NoiseRate.High))
	}
	var found []string
	for _, d := range shownDecisions {
		if n := s.Decisions[d]; n > 0 && d != schemas.Keep {
			found = append(found, fmt.Sprintf("%s %s", d, Count(n)))
		}
	}
	if len(found) > 0 {
		text += "; " + strings.Join(found, ", ")
	}
	return text
}
