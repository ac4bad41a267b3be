//go:build !linux

package main

import "testing"

// small needs Linux.
func small(t *testing.T, _ string) string {
	t.Helper()
	skip(t, "Linux")
	return ""
}
