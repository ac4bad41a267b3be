package pipeline_test

import (
	"fmt"
	"testing"

	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/pipeline/stage/judge"
)

// A run's id holds the version of the judge, and its limits, but not which tiers there
// are: whoever changes them changes judge.Method, and adds a line here. A line that
// stands is never changed.
func TestTiersAreOfTheJudgesMethod(t *testing.T) {
	tiers := map[string]string{
		"1": "[{certain 0.01 0.95} {probable 0.5 0.5}]",
		"2": "[{certain 0.01 0.95} {probable 0.5 0.5}]",
		"3": "[{certain 0.01 0.95} {probable 0.5 0.5}]",
		"4": "[{certain 0.01 0.95} {probable 0.5 0.5}]",
		"5": "[{certain 0.01 0.95} {probable 0.5 0.5}]",
	}
	got := fmt.Sprint(matching.Limits{Certain: .01, Probable: .5}.ByFaces())
	if want := tiers[judge.Method]; got != want {
		t.Errorf("method %s judges by %s, and not by %s: give judge.Method the next version", judge.Method, got, want)
	}
}
