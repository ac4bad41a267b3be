package screen

import (
	"strings"
	"time"

	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// activity is a stage, or one model's download.
type activity struct {
	told     run.Progress // what was said of it last
	noun     string       // what is counted: images, or bytes
	start    time.Time
	at       time.Time // now
	before   int64     // the worker's images when the stage began
	embedded int64     // the worker's images since then
}

// stageVerbs are the stages as a person reads them.
var stageVerbs = map[schemas.Stage]string{
	schemas.StagePlan: "list images", schemas.StageNumericKind: "open engine",
	schemas.StageEmbed: "embed faces", schemas.StageAggregate: "find people",
	schemas.StageDoubt: "weigh doubt", schemas.StageDoubtful: "find doubtful", schemas.StageSecondLook: "look twice",
	schemas.StageMatch: "compare people", schemas.StageNearest: "compare images",
	schemas.StageNeighbours: "find neighbours", schemas.StageNearDuplicates: "find copies", schemas.StageCalibrate: "fit the judge",
	schemas.StageJudge: "judge images", schemas.StageReport: "write report",
}

const verbWidth = 16

func (a *activity) verb() string {
	if v := stageVerbs[a.told.Stage]; v != "" {
		return v
	}
	return string(a.told.Stage)
}

// amount is n of what the activity counts.
func (a *activity) amount(n int) string {
	if a.noun == nounBytes {
		return Size(int64(n))
	}
	return Count(n)
}

func (a *activity) speed() string {
	switch rate := a.rate(); {
	case rate == 0:
		return ""
	case a.noun == nounBytes:
		return Size(int64(rate)) + "/s"
	default:
		return significant(rate) + "/s"
	}
}

// result is what an activity that has ended came to.
func (a *activity) result() string {
	parts := []string{a.amount(a.told.ImagesDone)}
	if a.noun == nounImages {
		parts[0] = Plural(a.told.ImagesDone, "image")
	}
	switch {
	case a.told.ImagesDone < a.told.Images: // it was cut short
		return a.amount(a.done()) + " of " + a.amount(a.told.Images) + " " + a.noun
	case a.told.Reused > 0 && a.told.Reused >= a.told.Images:
		parts = append(parts, "ready from before")
	case a.told.Reused > 0:
		parts = append(parts, Count(a.told.Reused)+" of them ready from before")
	}
	if took := a.at.Sub(a.start); took >= rateLeast {
		parts = append(parts, duration(took))
		if r := a.speed(); r != "" && a.told.Stage == schemas.StageEmbed || a.noun == nounBytes {
			parts = append(parts, r)
		}
	}
	return strings.Join(parts, ", ")
}

func leftText(a *activity) string {
	if left := a.left(); left > 0 {
		return duration(left) + " left"
	}
	return ""
}

// done is how many are done, those of a task at work included where they are
// known.
func (a *activity) done() int {
	return min(max(a.told.ImagesDone, a.told.Reused+int(a.embedded)), max(a.told.Images, a.told.ImagesDone))
}

// rate is how many are done a second; 0 where it can't be said yet.
func (a *activity) rate() float64 {
	took := a.at.Sub(a.start)
	if took < rateLeast {
		return 0
	}
	return float64(max(0, a.done()-a.told.Reused)) / took.Seconds()
}

// left is the time left; 0 where it can't be said.
func (a *activity) left() time.Duration {
	rate := a.rate()
	if rate == 0 || a.told.Images == 0 {
		return 0
	}
	return time.Duration(float64(a.told.Images-a.done()) / rate * float64(time.Second))
}

// shown says whether a person wants to know of the activity.
func (a *activity) shown() bool { return a.told.Stage != schemas.StageNumericKind }
