package origin

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestText(t *testing.T) {
	inner := Errorf("store", "open %s: %w", "/data/store: the large one", fs.ErrNotExist)
	for want, err := range map[string]error{
		"open /data/store: the large one: file does not exist":                     inner,
		"copy to --out: open /data/store: the large one: file does not exist; now": fmt.Errorf("copy to --out: %w; now", inner),
		"model a: store: is a word of the text":                                    Errorf("embed: open", "%w", errors.New("model a: store: is a word of the text")),
		"deep: deeper":                                                             Errorf("pipeline", "deep: %w", Errorf("store", "deeper")),
		"one\ntwo":                                                                 errors.Join(Errorf("store", "one"), Errorf("queue", "two")),
		"both file does not exist and another":                                     fmt.Errorf("both %w and %w", fs.ErrNotExist, Errorf("queue", "another")),
	} {
		if got := Text(err); got != want {
			t.Errorf("%q gives %q, want %q", err, got, want)
		}
	}
	if got := inner.Error(); got != "store: open /data/store: the large one: file does not exist" || !errors.Is(inner, fs.ErrNotExist) {
		t.Errorf("for a log: %s", got)
	}
}
