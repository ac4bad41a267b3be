package layout

import (
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// identityFolder is one folder of a walk and what listing it gave.
type identityFolder struct {
	identity string
	path     string
	real     string
	done     chan struct{}
	entries  []tree.Entry
	err      error
}

func (f *identityFolder) compare(g *identityFolder) int {
	if c := strings.Compare(f.identity, g.identity); c != 0 {
		return c
	}
	return strings.Compare(f.path, g.path)
}

// folderHeap orders folders for container/heap, the least first.
type folderHeap []*identityFolder

func (h folderHeap) Len() int           { return len(h) }
func (h folderHeap) Less(i, j int) bool { return h[i].compare(h[j]) < 0 }
func (h folderHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *folderHeap) Push(x any)        { *h = append(*h, x.(*identityFolder)) }
func (h *folderHeap) Pop() any {
	old := *h
	f := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return f
}
