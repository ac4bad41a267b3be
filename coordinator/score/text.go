package score

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// QualityText returns the quality of a report for a person.
func QualityText(q *Quality) string {
	var b strings.Builder
	m := &q.Measures
	fmt.Fprintf(&b, "%s measured, %s under a wrong label\n", screen.Plural(m.Images, "image"), screen.Count(m.Wrong))
	for _, why := range slices.Sorted(maps.Keys(q.LeftOut)) {
		fmt.Fprintf(&b, "  %s left out: %s\n", screen.Count(q.LeftOut[why]), why)
	}
	if q.Absent > 0 {
		fmt.Fprintf(&b, "  %s of the truth without a row in the report\n", screen.Plural(q.Absent, "image"))
	}
	unjudged := 0
	for _, n := range q.Unjudged {
		unjudged += n
	}
	if unjudged > 0 {
		fmt.Fprintf(&b, "  %s under a wrong label could not be judged\n", screen.Plural(unjudged, "image"))
	}
	b.WriteString("\nHow well p_noise tells wrong labels from right ones\n")
	line(&b, "AUPRC", number(m.AUPRC), "area under precision and recall; 1 is best")
	line(&b, "recall at P95", percent(m.RecallAt95), "of the wrong, at a precision of 95 %")
	line(&b, "calibration error", number(m.Calibration), "how far p is from the share that is wrong")
	b.WriteString("\nWhat the report does about them\n")
	line(&b, "flagged", screen.Count(m.Flagged), fmt.Sprintf("flip or outlier; precision %s, recall %s",
		percent(m.Precision), percent(m.Recall)))
	line(&b, "decided", screen.Count(m.Decided), fmt.Sprintf("drop or relabel; precision %s, recall %s",
		percent(m.DecidedPrecision), percent(m.DecidedRecall)))
	line(&b, "clean images lost", screen.Count(m.CleanLost), percent(m.CleanShare)+" of the right: dropped or relabelled")
	line(&b, "relabelled", screen.Count(m.Relabelled), percent(m.RelabelRight)+" to the person shown")
	line(&b, "suggested label", percent(m.Suggested), "of flips have one, "+percent(m.SuggestedRight)+" of these right")
	b.WriteString(statedText(q))
	fmt.Fprintf(&b, "\n%-26s %8s %8s %8s %8s\n", "by issue", "images", "flagged", "decided", "AUPRC")
	for _, i := range q.Issues {
		fmt.Fprintf(&b, "%-26s %8s %8s %8s %8s\n", issueName(i.Issue), screen.Count(i.Images), screen.Count(i.Flagged),
			screen.Count(i.Decided), number(i.AUPRC))
	}
	b.WriteString(mergeText(q.Merges))
	b.WriteString(overlapText(q.Overlaps))
	b.WriteString(copyText(q.Copies))
	b.WriteString(strataText(q))
	return b.String()
}

// mergeText says how well labels of two people are found; nothing where there are none.
func mergeText(q *MergeQuality) string {
	if q == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nLabels of two people\n")
	line(&b, "found", screen.Count(q.Found), fmt.Sprintf("of %s; recall %s, precision %s", screen.Count(q.Labels),
		percent(q.Recall), percent(q.Precision)))
	line(&b, "AUPRC", number(q.AUPRC), "of p_merged")
	return b.String()
}

// mostNamed is how many wrong overlaps are named.
const mostNamed = 10

// overlapText says how well people of a reference are found; nothing where there are none.
func overlapText(q *OverlapQuality) string {
	if q == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nPeople of a reference who are in the set\n")
	if !q.Searched {
		fmt.Fprintf(&b, "  %s by the truth; the run looked for no reference\n", screen.Count(q.People))
		return b.String()
	}
	line(&b, "found", screen.Count(q.Found), fmt.Sprintf("of %s; recall %s", screen.Count(q.People), percent(q.Recall)))
	line(&b, "called so", screen.Count(q.Called), "surely; precision "+percent(q.Precision))
	if q.SameName > 0 {
		line(&b, "same name", screen.Count(q.SameName), "of these: in no truth, neither right nor wrong")
	}
	for i, w := range q.Wrong {
		if i == mostNamed {
			fmt.Fprintf(&b, "  and %s more\n", screen.Count(len(q.Wrong)-i))
			break
		}
		fmt.Fprintf(&b, "  not in the truth: %s is %s of %s (%s)\n", w.Identity, w.Person, w.Reference, w.Tier)
	}
	if len(q.Wrong) > 0 {
		b.WriteString(screen.Wrap("Who is one person after all is in set and reference by itself: add a row of the "+
			"issue overlap to the truth.", "  ", screen.Width))
	}
	return b.String()
}

// statedText compares what the report states with what is true.
func statedText(q *Quality) string {
	var b strings.Builder
	b.WriteString("\nWhat the report states, and what is true\n")
	stated := "-"
	if r := q.Rate.Stated; r != nil {
		stated = screen.Percent(r.Value)
		interval := fmt.Sprintf("true %s; %s to %s", percent(q.Rate.True), screen.Percent(r.Low),
			screen.Percent(r.High))
		if q.Rate.Within != nil {
			interval += " " + holds(*q.Rate.Within)
		}
		line(&b, "noise rate", stated, interval)
	} else {
		line(&b, "noise rate", stated, "true "+percent(q.Rate.True))
	}
	for _, e := range q.Expected {
		line(&b, "false flags, "+e.Threshold, fmt.Sprintf("%.1f", e.Expected), fmt.Sprintf("expected; really %s; %.0f to %.0f %s",
			screen.Count(e.Real), e.Low, e.High, holds(e.Low <= float64(e.Real) && float64(e.Real) <= e.High)))
	}
	return b.String()
}

// holds says whether an interval has the true number.
func holds(within bool) string {
	if within {
		return "has it"
	}
	return "does not have it"
}

// strataText shows each group of images on a line.
func strataText(q *Quality) string {
	var b strings.Builder
	title := "by " + q.Column
	if q.Column == strata.Size {
		title = "by usable images of a label"
	}
	fmt.Fprintf(&b, "\n%s\n%-20s %8s %7s %7s %9s %8s %6s\n", title, "", "images", "wrong", "AUPRC", "precision",
		"recall", "lost")
	for _, s := range q.Strata {
		fmt.Fprintf(&b, "%-20s %8s %7s %7s %9s %8s %6s\n", s.Name, screen.Count(s.Measures.Images),
			screen.Count(s.Measures.Wrong), number(s.Measures.AUPRC), percent(s.Measures.Precision),
			percent(s.Measures.Recall), screen.Count(s.Measures.CleanLost))
	}
	return b.String()
}

// line writes a measure with its meaning.
func line(b *strings.Builder, what, value, meaning string) {
	fmt.Fprintf(b, "  %-19s %7s  %s\n", what, value, meaning)
}

// number writes a measure; "-" where there is none.
func number(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.4f", *x)
}

// percent writes a share; "-" where there is none.
func percent(x *float64) string {
	if x == nil {
		return "-"
	}
	return screen.Percent(*x)
}

func issueName(i truth.Issue) string {
	return map[truth.Issue]string{truth.Flip: "flips", truth.HardFlip: "flips to a look-alike",
		truth.Outlier: "outliers"}[i]
}
