package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// ParseShare reads a share as a person writes it, "5%" or ".05".
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	// Digits and a point alone: a share is no "0x1p-3", "Inf" or "1_0".
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || strings.Trim(strings.TrimSpace(number), "0123456789.") != "" {
		return 0, origin.Errorf("simulate", "%.40q is no share: write 5%% or .05", text)
	}
	if percent {
		x /= 100
	}
	if !(x >= 0 && x <= 1) {
		return 0, origin.Errorf("simulate", "%.40q is no share: it lies between 0 and 1; write 5%% or .05", text)
	}
	return x, nil
}

// ParseRange reads a range of shares, "0-40%" or "0-.4"; one share is a range, too.
func ParseRange(text string) (r Range, err error) {
	low, high, two := strings.Cut(text, "-")
	if !two {
		r.Low, err = ParseShare(text)
		r.High = r.Low
		return r, err
	}
	if strings.HasSuffix(strings.TrimSpace(high), "%") && !strings.Contains(low, "%") {
		low += "%"
	}
	if r.Low, err = ParseShare(low); err != nil {
		return Range{}, err
	}
	if r.High, err = ParseShare(high); err != nil {
		return Range{}, err
	}
	if r.Low > r.High {
		return Range{}, origin.Errorf("simulate", "%.40q: the first share is the least", text)
	}
	return r, nil
}

// ParseCollisions reads how many labels get a guest, and the guest's share of their
// images: "3" or "3:40%". Without one the share is usual.
func ParseCollisions(text string, usual float64) (n int, share float64, err error) {
	number, part, given := strings.Cut(text, ":")
	if n, err = strconv.Atoi(strings.TrimSpace(number)); err != nil || n < 0 {
		return 0, 0, origin.Errorf("simulate", "%.40q: write how many, as 3, or with the guest's share, as 3:30%%", text)
	}
	share = usual
	if given {
		if share, err = ParseShare(part); err != nil {
			return 0, 0, fmt.Errorf("%.40q: %w", text, err)
		}
	}
	return n, share, nil
}

// ParseOverlap reads a reference's name, its URL, and how many of its people stand in the
// set, too: "lfw=/data/lfw,20".
func ParseOverlap(text string) (name, url string, n int, err error) {
	bad := func(why string) (string, string, int, error) {
		return "", "", 0, origin.Errorf("simulate", "%.200q: %s, as lfw=/data/lfw,20", text, why)
	}
	name, rest, _ := strings.Cut(text, "=")
	at := strings.LastIndex(rest, ",")
	if at <= 0 {
		return bad("write NAME=FOLDER,N")
	}
	url = rest[:at]
	if n, err = strconv.Atoi(strings.TrimSpace(rest[at+1:])); err != nil || n < 1 || n > mostAsked {
		return bad(fmt.Sprintf("write how many people after the last comma, 1 to %d", int(mostAsked)))
	}
	if source := schemas.Source(name); source == schemas.Set || source.Validate() != nil {
		return bad("write a name of a-z 0-9 - _ first")
	}
	return name, url, n, nil
}
