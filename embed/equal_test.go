package embed

import (
	"reflect"
	"testing"
)

// TestEqualBits says that what only changes speed changes no bit of a row, with
// the real models on photographs.
func TestEqualBits(t *testing.T) {
	c := realConfig(t)
	paths := below(t, shared(t, "data", "vggface2-mini", "train"), "*/*_1*.jpg")
	var some []string
	for i := 0; i < len(paths); i += len(paths)/24 + 1 {
		some = append(some, paths[i])
	}
	want := embedAll(t, start(t, c), some, false)
	for _, change := range []func(*Config){
		func(c *Config) { c.Batch, c.Sessions = 16, 1 },
		func(c *Config) { c.Batch, c.Sessions, c.Decoders = 7, 3, 4 },
		func(c *Config) { c.Batch, c.Threads = 1, 2 },
	} {
		changed := c
		change(&changed)
		for i, r := range embedAll(t, start(t, changed), some, false) {
			if r.Error != "" || !reflect.DeepEqual(r, want[i]) {
				t.Errorf("%s: batch %d, sessions %d, threads %d give another row",
					r.Path, changed.Batch, changed.Sessions, changed.Threads)
			}
		}
	}
}
