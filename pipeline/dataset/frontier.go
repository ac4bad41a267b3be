package dataset

import "strings"

// folder is one folder of a walk and what listing it gave.
type folder struct {
	identity string
	path     string
	real     string
	done     chan struct{}
	entries  []entry
	err      error
}

func (f *folder) compare(g *folder) int {
	if c := strings.Compare(f.identity, g.identity); c != 0 {
		return c
	}
	return strings.Compare(f.path, g.path)
}

type folderHeap []*folder

func (h folderHeap) Len() int           { return len(h) }
func (h folderHeap) Less(i, j int) bool { return h[i].compare(h[j]) < 0 }
func (h folderHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *folderHeap) Push(x any)        { *h = append(*h, x.(*folder)) }
func (h *folderHeap) Pop() any {
	old := *h
	f := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return f
}
