package dataset

import (
	"fmt"
	"strings"
	"testing"
)

// TestLandmarksInAnyOrder reads tables whose lines are grouped and shuffled.
func TestLandmarksInAnyOrder(t *testing.T) {
	line := func(id, k int) string {
		return fmt.Sprintf("\"n%06d/%04d_01\",%d.5,-2,3,4,5,6,7,8,9,%d\r\n", id, k, id, k)
	}
	const header = "NAME_ID,P1X,P1Y,P2X,P2Y,P3X,P3Y,P4X,P4Y,P5X,P5Y\r\n"
	files := map[string]string{}
	var grouped, shuffled strings.Builder
	for id := range 5 {
		for k := range 7 {
			files[fmt.Sprintf("train/n%06d/%04d_01.jpg", id, k)] = "x"
			grouped.WriteString(line(id, k))
			shuffled.WriteString(line((id+3*k)%5, k))
		}
	}
	for _, body := range []string{grouped.String(), shuffled.String(), "\n" + strings.TrimSpace(shuffled.String())} {
		files["bb_landmark/loose_landmark_train.csv"] = header + body
		d, err := Open(t.Context(), Options{URL: writeTree(t, files)})
		if err != nil {
			t.Fatal(err)
		}
		for i, im := range collect(t, d) {
			if h := im.Landmarks; h == nil || h[0] != float32(i/7)+.5 || h[9] != float32(i%7) {
				t.Errorf("%s: %v", im.Path, h)
			}
		}
	}
	files["bb_landmark/loose_landmark_train.csv"] = header + "n000001/0001_01,1,2\n"
	d, err := Open(t.Context(), Options{URL: writeTree(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range d.Rows(t.Context()) {
	}
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("short line: %v", err)
	}
}
