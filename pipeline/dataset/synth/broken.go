package synth

import (
	"fmt"
	"math/rand/v2"
)

// The sorts of broken files: the details of the issue.
const (
	brokenEmpty     = "empty"     // no byte
	brokenTruncated = "truncated" // a JPEG cut off
	brokenText      = "text"
	brokenHTML      = "html" // a page instead of a download
	brokenRandom    = "random"
	brokenZip       = "zip"
)

func brokenSorts() []string {
	return []string{brokenTruncated, brokenEmpty, brokenHTML, brokenRandom, brokenText, brokenZip}
}

// breakFile gives what stands instead of a whole JPEG.
func breakFile(r *rand.Rand, sort string, whole []byte) []byte {
	switch sort {
	case brokenEmpty:
		return nil
	case brokenTruncated:
		return whole[:len(whole)*(25+r.IntN(40))/100]
	case brokenText:
		return fmt.Appendf(nil, "The photograph was removed by its owner.\nReference %d.\n", r.IntN(1_000_000))
	case brokenHTML:
		return fmt.Appendf(nil, "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>\n"+
			"<body><h1>Not Found</h1><p>The file /photos/%d.jpg was not found on this server.</p></body></html>\n", r.IntN(1_000_000))
	case brokenZip:
		return append([]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00"), noise(r, len(whole)/2)...)
	default:
		return noise(r, len(whole))
	}
}

// noise returns random bytes that begin like no known file.
func noise(r *rand.Rand, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	if n > 0 {
		out[0] |= 0x80
		out[0] &= 0x9f
	}
	return out
}
