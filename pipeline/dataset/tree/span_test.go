package tree

import (
	"errors"
	"math"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// What a manifest says of a part of an object is looked at without sums that overflow.
func TestSpan(t *testing.T) {
	for _, c := range []struct {
		offset, length, size, want int64
		fault                      error
	}{
		{0, -1, 100, 100, nil}, {40, -1, 100, 60, nil}, {40, 60, 100, 60, nil},
		{40, 61, 100, 0, schemas.FaultTruncated}, {101, -1, 100, 0, schemas.FaultTruncated},
		{100, -1, 100, 0, schemas.FaultEmpty}, {7, 0, 100, 0, schemas.FaultEmpty},
		{math.MaxInt64, 100, 100, 0, schemas.FaultTruncated}, {100, math.MaxInt64, 100, 0, schemas.FaultTruncated},
		{math.MinInt64, math.MaxInt64, 100, 0, schemas.FaultTruncated}, {-1, 50, 100, 0, schemas.FaultTruncated},
		{0, MaxImageBytes + 1, 1 << 40, 0, schemas.FaultTooLarge},
	} {
		got, err := span(schemas.Image{Offset: c.offset, Length: c.length}, c.size)
		if got != c.want || !errors.Is(err, c.fault) {
			t.Errorf("%d bytes from %d of %d: %d, %v; want %d, %v", c.length, c.offset, c.size, got, err, c.want, c.fault)
		}
	}
}
