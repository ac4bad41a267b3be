package screen

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Count writes a number with commas between its thousands, "1,234,567".
func Count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Plural writes a number of things, "1 image" or "2,000 identities", for the name of
// one.
func Plural(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "ty"):
		return Count(n) + " " + strings.TrimSuffix(thing, "y") + "ies"
	}
	return Count(n) + " " + thing + "s"
}

// Size writes a number of bytes in a unit that leaves three digits, "3.9 MB".
func Size(n int64) string {
	x, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB"}
	for len(units) > 1 && x >= 999.5 {
		x, units = x/1000, units[1:]
	}
	if units[0] == "B" || x >= 99.95 {
		return fmt.Sprintf("%.0f %s", x, units[0])
	}
	return fmt.Sprintf("%.1f %s", x, units[0])
}

// significant writes a rate in two or three digits.
func significant(x float64) string {
	switch {
	case x >= 100:
		return Count(int(x + .5))
	case x >= 10:
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

// duration writes a time in its two greatest units.
func duration(d time.Duration) string {
	switch s := int(d.Seconds() + .5); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	default:
		return fmt.Sprintf("%d h %02d min", s/3600, s/60%60)
	}
}

// Percent writes a share, 0 to 1, in percent: "12.3 %".
func Percent(x float64) string {
	if x > 0 && x < .001 {
		return "<0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}
