package dataset

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
)

// Skip is one reason for which names were passed over in a listing.
type Skip struct {
	Reason  string
	Count   int
	Example string // path below the root, raw bytes
}

// The reasons of a Skip beside "extension .xyz" and "no extension".
const (
	skipHidden     = "hidden"
	skipImageDir   = "folder named like an image"
	skipEntered    = "folder entered already under another name"
	skipIrregular  = "neither a file nor a folder"
	skipLoose      = "image outside any identity's folder"
	skipOutside    = "folder outside the layout"
	skipNested     = "folder inside an identity's folder"
	skipUnlistable = "folder that can't be listed"
	skipKey        = "key that is no path"
	skipOther      = "other extensions"
)

// maxReasons bounds the reasons kept apart: a tree may have any number of
// extensions.
const maxReasons = 200

// tally counts what is passed over.
type tally struct {
	mu     sync.Mutex
	counts map[string]*Skip
}

func newTally() *tally { return &tally{counts: map[string]*Skip{}} }

func (t *tally) add(reason, example string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.counts[reason]
	if s == nil && len(t.counts) >= maxReasons {
		reason = skipOther
		s = t.counts[reason]
	}
	if s == nil {
		s = &Skip{Reason: reason, Example: example}
		t.counts[reason] = s
	}
	s.Count++
	s.Example = min(s.Example, example)
}

// addFile counts a file that is no image by its extension.
func (t *tally) addFile(name string) {
	ext := strings.ToLower(path.Ext(path.Base(name)))
	switch {
	case len(ext) > 16:
		t.add(skipOther, name)
	case ext == "" || ext == ".":
		t.add("no extension", name)
	default:
		t.add("extension "+ext, name)
	}
}

func (t *tally) list() []Skip {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Skip, 0, len(t.counts))
	for _, s := range t.counts {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}

// brief is the three most frequent reasons, for an error's text.
func (t *tally) brief() string {
	var b strings.Builder
	for i, s := range t.list() {
		if i == 3 {
			break
		}
		fmt.Fprintf(&b, "; skipped %d: %s, as %q", s.Count, s.Reason, s.Example)
	}
	return b.String()
}

// isImageName tells an image by its extension.
func isImageName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif":
		return true
	}
	return false
}
