package screen

import (
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/report/reporttest"
)

func TestReportLine(t *testing.T) {
	s := reporttest.Example().Summary
	line := ReportLine{Run: "00112233445566778899aabbccddeeff", Written: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Data: "/data/faces", Summary: &s}
	want := `00112233445566778899aabbccddeeff  2026-01-02 03:04 UTC
  /data/faces
  7 images of 3 identities; about 30.0 % wrong (20.0 % to 40.0 %); drop 4, relabel 1, review 1
`
	if got := ReportLineText(line); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	line.Data, line.Summary, line.Unread = "", nil, "made by another version"
	want = `00112233445566778899aabbccddeeff  2026-01-02 03:04 UTC
  ready vectors
  made by another version
`
	if got := ReportLineText(line); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
