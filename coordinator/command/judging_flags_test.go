package command

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// A run that asks for no quality has no word of it in its Spec; one that does has a
// decimal there, and what is no quality is refused.
func TestMinQualityIsPartOfTheSpec(t *testing.T) {
	for _, c := range []struct {
		asked float64
		want  schemas.Decimal
	}{{0, ""}, {.4, "0.4"}, {.45, "0.45"}, {1, "1"}} {
		f := defaultJudging()
		f.minQuality = c.asked
		if err := f.check(); err != nil {
			t.Errorf("%v: %v", c.asked, err)
		}
		spec := f.spec()
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if spec.MinQuality != c.want || strings.Contains(string(text), "min_quality") != (c.want != "") {
			t.Errorf("%v gives %q: %s", c.asked, spec.MinQuality, text)
		}
	}
	for _, bad := range []float64{-.1, 1.01, math.NaN(), math.Inf(1)} {
		f := defaultJudging()
		f.minQuality = bad
		if err := f.check(); err == nil || !strings.Contains(err.Error(), "--min-quality") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
