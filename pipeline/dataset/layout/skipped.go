package layout

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// Skip is one reason for which names were passed over in a listing.
type Skip struct {
	Reason  string
	Count   int
	Example string // path below the root, raw bytes
}

// The reasons of a Skip beside "extension .xyz", "no extension" and those of
// tree.Entry.
const (
	Hidden             = "hidden"
	FolderNamedAsImage = "folder named like an image"
	FolderEntered      = "folder entered already under another name"
	LooseImage         = "image outside any identity's folder"
	OutsideFolder      = "folder outside the layout"
	NestedFolder       = "folder inside an identity's folder"
	Unlistable         = "folder that can't be listed"
	OtherExtensions    = "other extensions"
)

// maxReasons bounds the reasons kept apart: a tree may have any number of
// extensions.
const maxReasons = 200

// SkipCounter counts what is passed over. Its methods may be called concurrently.
type SkipCounter struct {
	mu     sync.Mutex
	counts map[string]*Skip
}

// NewSkipCounter makes a counter of nothing.
func NewSkipCounter() *SkipCounter { return &SkipCounter{counts: map[string]*Skip{}} }

// Add counts one name under a reason.
func (c *SkipCounter) Add(reason, example string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.counts[reason]
	if s == nil && len(c.counts) >= maxReasons {
		reason = OtherExtensions
		s = c.counts[reason]
	}
	if s == nil {
		s = &Skip{Reason: reason, Example: example}
		c.counts[reason] = s
	}
	s.Count++
	s.Example = min(s.Example, example)
}

// AddEntry counts what belongs to no identity: a file by its name, a folder for the
// given reason. path is the entry's below the root.
func (c *SkipCounter) AddEntry(path string, e tree.Entry, folders string) {
	switch {
	case e.Odd != "":
		c.Add(e.Odd, path)
	case tree.IsHidden(e.Name):
		c.Add(Hidden, path)
	case e.Folder && tree.IsImage(e.Name):
		c.Add(FolderNamedAsImage, path)
	case e.Folder:
		c.Add(folders, path)
	case tree.IsImage(e.Name):
		c.Add(LooseImage, path)
	default:
		c.AddFile(path)
	}
}

// AddFile counts a file that is no image by its extension.
func (c *SkipCounter) AddFile(name string) {
	ext := strings.ToLower(path.Ext(path.Base(name)))
	switch {
	case len(ext) > 16:
		c.Add(OtherExtensions, name)
	case ext == "" || ext == ".":
		c.Add("no extension", name)
	default:
		c.Add("extension "+ext, name)
	}
}

// List returns the reasons, the most frequent first.
func (c *SkipCounter) List() []Skip {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]Skip, 0, len(c.counts))
	for _, s := range c.counts {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}

// Brief returns the three most frequent reasons, for an error's text.
func (c *SkipCounter) Brief() string {
	var b strings.Builder
	for i, s := range c.List() {
		if i == 3 {
			break
		}
		fmt.Fprintf(&b, "; skipped %d: %s, as %q", s.Count, s.Reason, s.Example)
	}
	return b.String()
}
