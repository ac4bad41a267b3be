package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/schemas"
)

func TestStatusText(t *testing.T) {
	now := time.Now()
	r := admin.RunStatus{ID: exampleRun, State: admin.StateFailed, Images: 1200, Identities: 1, References: 2, Written: now.Add(-3 * time.Hour), Report: "file:///s/report",
		Sources: []schemas.SourceLocation{{URL: "/data/faces"}, {Name: "lfw", URL: "/data/lfw"}},
		Stages:  []admin.StageStatus{{Stage: schemas.StageEmbed, Tasks: 3, Done: 2, Failed: 1}, {Stage: schemas.StageJudge, Tasks: 2, Done: 2}}}
	want := string(exampleRun) + `  done but for failed tasks, written 3 hours ago
  1,200 images of 1 identity, and 2 images of references
  /data/faces
  lfw=/data/lfw
  embed 2/3 (1 failed) judge 2/2
  file:///s/report
`
	if got := StatusText(r, now); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := StatusText(admin.RunStatus{ID: exampleRun, State: admin.StateBroken, Written: now}, now); strings.Count(got, "\n") != 1 {
		t.Errorf("got\n%s", got)
	}
}
