//go:build !amd64

package cluster

// eightAtOnce says that there is no dots8 here.
func eightAtOnce() bool { return false }

func dots8(_, _ *float32, _ int, _ uintptr, _ *float32) {}
