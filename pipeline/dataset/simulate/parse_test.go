package simulate

import (
	"strings"
	"testing"
)

func TestShares(t *testing.T) {
	for text, want := range map[string]float64{"5%": .05, ".05": .05, "0": 0, "1": 1, "100 %": 1, " 2.5% ": .025} {
		if got, err := ParseShare(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "%", "5", "101%", "-1%", "1e-2", "NaN", "Inf", "0x1p-2", "5%%", "5 percent"} {
		if got, err := ParseShare(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	for text, want := range map[string]Range{"0-40%": {0, .4}, "10%-40%": {.1, .4}, "0-.4": {0, .4}, "20%": {.2, .2}} {
		if got, err := ParseRange(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-", "40-10%", "0-", "-5%", "0-1-2"} {
		if got, err := ParseRange(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	if n, share, err := ParseCollisions("3", .3); n != 3 || share != .3 || err != nil {
		t.Error(n, share, err)
	}
	if n, share, err := ParseCollisions("2:40%", .3); n != 2 || share != .4 || err != nil {
		t.Error(n, share, err)
	}
	for _, text := range []string{"", "x", "-1", "2:", "2:x", ":30%"} {
		if n, share, err := ParseCollisions(text, .3); err == nil {
			t.Errorf("%q is %d, %v", text, n, share)
		}
	}
}

// Whatever is written, a share that is read lies between 0 and 1.
func FuzzShares(f *testing.F) {
	for _, s := range []string{"5%", ".05", "0-40%", "3:30%", "1e300%", "--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if x, err := ParseShare(s); err == nil && !(x >= 0 && x <= 1) {
			t.Errorf("%q is %v", s, x)
		}
		if r, err := ParseRange(s); err == nil && !(r.Low >= 0 && r.Low <= r.High && r.High <= 1) {
			t.Errorf("%q is %v", s, r)
		}
		if n, x, err := ParseCollisions(s, .3); err == nil && (n < 0 || !(x >= 0 && x <= 1)) {
			t.Errorf("%q is %d, %v", s, n, x)
		} else if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: an error of two lines: %v", s, err)
		}
	})
}
