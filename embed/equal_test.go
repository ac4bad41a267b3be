package embed

import (
	"reflect"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// TestEqualBits says that what only changes speed changes no bit of a row, with
// the real models on photographs.
func TestEqualBits(t *testing.T) {
	c := realConfig(t)
	paths := below(t, shared(t, "data", "vggface2-mini", "train"), "*/*.jpg")
	var some []string
	for i := 0; i < len(paths); i += len(paths)/12 + 1 {
		some = append(some, paths[i])
	}
	want := embedAll(t, start(t, c), some, false)
	doubtful := slices.Clone(want[:4])
	for i := range doubtful {
		doubtful[i].DetScore, doubtful[i].Faces = .5, 2
	}
	again := lookFiles(t, start(t, c), some, doubtful)
	for _, change := range []func(*Config){
		func(c *Config) { c.Batch, c.Sessions = 16, 1 },
		func(c *Config) { c.Batch, c.Sessions, c.Decoders = 7, 3, 4 },
		func(c *Config) { c.Batch, c.Threads = 1, 2 },
	} {
		changed := c
		change(&changed)
		e := start(t, changed)
		if !reflect.DeepEqual(lookFiles(t, e, some, doubtful), again) {
			t.Errorf("batch %d, sessions %d, threads %d: second looks differ", changed.Batch, changed.Sessions, changed.Threads)
		}
		for i, r := range embedAll(t, e, some, false) {
			if r.Error != "" || !reflect.DeepEqual(r, want[i]) {
				t.Errorf("%s: batch %d, sessions %d, threads %d give another row",
					r.Path, changed.Batch, changed.Sessions, changed.Threads)
			}
		}
	}
}

// lookFiles looks again at files of which a first look is given.
func lookFiles(t *testing.T, e *Engine, paths []string, first []schemas.Embedding) []schemas.SecondLook {
	t.Helper()
	images, read := files(t, paths[:len(first)])
	looks, err := e.Look(t.Context(), images, first, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	return looks
}
