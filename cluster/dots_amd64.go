package cluster

import "golang.org/x/sys/cpu"

// eightAtOnce says whether the processor has what dots8 needs.
func eightAtOnce() bool { return cpu.X86.HasAVX }

// dots8 writes to out the inner products of x and eight rows of blocks times eight
// elements, which begin stride bytes after each other. Each register holds the eight
// partial sums of a row that Dot has, and adds them as Dot does.
//
//go:noescape
func dots8(x, rows *float32, blocks int, stride uintptr, out *float32)
