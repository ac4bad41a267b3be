package matmul

import "golang.org/x/sys/cpu"

// fast reports whether the processor has what the tiles below need.
func fast() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }

// tile6 adds to six rows of 16 columns of c the product of six rows of a and 16
// columns of b over k. as and bs, cs are the bytes between rows, ak those
// between elements of a row of a.
//
//go:noescape
func tile6(k int, a *float32, as, ak uintptr, b *float32, bs uintptr, c *float32, cs uintptr)

// tile1 is tile6 for one row.
//
//go:noescape
func tile1(k int, a *float32, ak uintptr, b *float32, bs uintptr, c *float32)
