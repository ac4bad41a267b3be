package embed

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

func TestNumericKind(t *testing.T) {
	c := tinyConfig(t)
	kinds := map[schemas.NumericKind]bool{}
	for _, change := range []func(*Config){
		func(*Config) {},
		func(c *Config) { c.Sessions, c.Batch, c.Decoders = 1, 7, 1 },
		func(c *Config) { c.Threads, c.Batch = 2, 16 },
	} {
		c := c
		change(&c)
		k, err := start(t, c).NumericKind(t.Context())
		if err != nil || len(k) != 32 || strings.Trim(string(k), "0123456789abcdef") != "" {
			t.Errorf("kind %q, %v", k, err)
		}
		kinds[k] = true
	}
	if len(kinds) != 1 {
		t.Errorf("settings of speed change the kind: %v", kinds)
	}
	c.Spec.Flip = FlipSum
	if both, err := start(t, c).NumericKind(t.Context()); err != nil || kinds[both] {
		t.Errorf("with mirror images the kind is the same %q (%v)", both, err)
	}
	c.Spec.Flip = FlipNone
	c.ModelFile = "testdata/nan.onnx"
	other, err := start(t, c).NumericKind(t.Context())
	if err != nil || kinds[other] {
		t.Errorf("another model has the same kind %q (%v)", other, err)
	}
}
