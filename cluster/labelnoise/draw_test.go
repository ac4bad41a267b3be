package labelnoise

import "testing"

// Draws among many names are even, and one name more takes its share of them and changes
// no other.
func TestRandomOtherStaysWhenOneMoreIsNamed(t *testing.T) {
	names := make([]uint64, 8)
	for k := range names {
		names[k] = mix(uint64(k) + 1000)
	}
	seen, taken := make([]int, 8), 0
	for seed := range uint64(7000) {
		before, after := RandomOther(seed, 3, names[:7]), RandomOther(seed, 3, names)
		seen[before]++
		if after == 7 {
			taken++
		} else if after != before {
			t.Fatal("another name changed a draw that it did not take")
		}
	}
	for k, n := range seen[:7] {
		if k != 3 && (n < 1000 || n > 1350) || k == 3 && n > 0 {
			t.Errorf("%d drawn %d times of 7000", k, n)
		}
	}
	if taken < 850 || taken > 1150 {
		t.Errorf("the new one is drawn %d times of 7000", taken)
	}
	if RandomOther(5, 0, names[:1]) != -1 {
		t.Error("a single one has no other")
	}
}
