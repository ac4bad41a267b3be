package main

import (
	"fmt"
	"sync/atomic"

	"github.com/facesieve/facesieve/pipeline"
)

// display shows how far a run is.
type display struct {
	a      *app
	worker *atomic.Int64
}

func newDisplay(a *app) *display { return &display{a: a} }

func (d *display) progress(p pipeline.Progress) {
	if p.End {
		fmt.Fprintf(d.a.err, "%s: %d images\n", p.Stage, p.ImagesDone)
	}
}

func (d *display) download(name string, done, total int64) {}

func (d *display) say(format string, args ...any) { fmt.Fprintf(d.a.err, format+"\n", args...) }

func (d *display) close() {}
