package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
)

// stateWords are the states of a run as a person reads them.
var stateWords = map[admin.State]string{
	admin.StateBroken:   "begun, without a plan",
	admin.StatePlanned:  "planned",
	admin.StateEmbedded: "unfinished",
	admin.StateDone:     "done",
	admin.StateFailed:   "done but for failed tasks",

	admin.StateCancelled: "cancelled",
}

// StatusText returns one run for a person, who looks at the time now.
func StatusText(r admin.RunStatus, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s, written %s ago\n", r.ID, stateWords[r.State], age(now.Sub(r.Written)))
	if r.State == admin.StateBroken {
		return b.String()
	}
	fmt.Fprintf(&b, "  %s of %s", Plural(r.Images, "image"), Plural(r.Identities, "identity"))
	if r.References > 0 {
		fmt.Fprintf(&b, ", and %s of references", Plural(r.References, "image"))
	}
	for i, s := range r.Sources {
		switch {
		case i == 0 && s.URL == "":
			b.WriteString("\n  ready vectors")
		case i == 0:
			fmt.Fprintf(&b, "\n  %s", s.URL)
		default:
			fmt.Fprintf(&b, "\n  %s=%s", s.Name, s.URL)
		}
	}
	b.WriteString("\n ")
	for _, s := range r.Stages {
		fmt.Fprintf(&b, " %s %d/%d", s.Stage, s.Done, s.Tasks)
		if s.Failed > 0 {
			fmt.Fprintf(&b, " (%d failed)", s.Failed)
		}
	}
	b.WriteString("\n")
	if r.Replicas > 0 {
		fmt.Fprintf(&b, "  a queue, kept by %s\n", Plural(r.Replicas, "server"))
	}
	if r.Report != "" {
		fmt.Fprintf(&b, "  %s\n", r.Report)
	}
	return b.String()
}

// age is a time that has passed, in its greatest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return Plural(int(max(0, d.Seconds())), "second")
	case d < time.Hour:
		return Plural(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return Plural(int(d.Hours()), "hour")
	}
	return Plural(int(d.Hours()/24), "day")
}
