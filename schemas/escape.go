package schemas

import (
	"strings"
	"unicode/utf8"

	"github.com/facesieve/facesieve/internal/origin"
)

const upperHex = "0123456789ABCDEF"

// EscapePath returns raw bytes (a path, a label) as UTF-8 text: every byte that is
// not part of valid UTF-8, every byte of a control character (U+0000 to U+001F,
// U+007F to U+009F) and every '%' becomes %XX with upper-case hex. UnescapePath
// returns the raw bytes again.
func EscapePath(raw string) string { return escape(raw, mustEscape) }

// Printable returns text as a terminal may be given it, in as many lines: what is no UTF-8,
// and control characters but for newline and tab, become %XX as EscapePath writes them.
// Text that is escaped already stays as it is.
func Printable(text string) string {
	return escape(text, func(r rune, n int) bool {
		return r != '%' && r != '\n' && r != '\t' && mustEscape(r, n)
	})
}

// escape writes the bytes of each character that must be escaped, of n bytes, as %XX.
func escape(raw string, must func(r rune, n int) bool) string {
	i := escapeFrom(raw, must)
	if i < 0 {
		return raw
	}
	var b strings.Builder
	b.Grow(len(raw) + 8)
	b.WriteString(raw[:i])
	for i < len(raw) {
		r, n := utf8.DecodeRuneInString(raw[i:])
		if must(r, n) {
			for _, c := range []byte(raw[i : i+n]) {
				b.WriteByte('%')
				b.WriteByte(upperHex[c>>4])
				b.WriteByte(upperHex[c&15])
			}
		} else {
			b.WriteString(raw[i : i+n])
		}
		i += n
	}
	return b.String()
}

// escapeFrom returns the index of the first byte that must be escaped, -1: none.
func escapeFrom(raw string, must func(r rune, n int) bool) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRuneInString(raw[i:])
		if must(r, n) {
			return i
		}
		i += n
	}
	return -1
}

func mustEscape(r rune, n int) bool {
	return r == '%' || r < 0x20 || r >= 0x7f && r <= 0x9f || r == utf8.RuneError && n == 1
}

// UnescapePath returns the raw bytes of what EscapePath wrote. A '%' without two
// hex digits after it is an error.
func UnescapePath(text string) (string, error) {
	if strings.IndexByte(text, '%') < 0 {
		return text, nil
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out = append(out, text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", origin.Errorf("schemas", "escaped path %q ends inside an escape", text)
		}
		hi, lo := unhex(text[i+1]), unhex(text[i+2])
		if hi < 0 || lo < 0 {
			return "", origin.Errorf("schemas", "escaped path %q has a %% without two hex digits", text)
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out), nil
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
