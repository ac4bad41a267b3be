package schemas

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscapePath(t *testing.T) {
	for raw, want := range map[string]string{
		"":                   "",
		"a/b.jpg":            "a/b.jpg",
		"Zoë/日本 1.jpg":       "Zoë/日本 1.jpg",
		"100%.jpg":           "100%25.jpg",
		"%41":                "%2541",
		"a\nb\x00\x7f":       "a%0Ab%00%7F",
		"\xff\xc3":           "%FF%C3",
		"\u0085":             "%C2%85",
		"\xed\xa0\x80":       "%ED%A0%80",
		"\ufffd":             "\ufffd",
		"é\xc3/\xa9é":        "é%C3/%A9é",
		"back\\slash\"quote": "back\\slash\"quote",
	} {
		if got := EscapePath(raw); got != want {
			t.Errorf("EscapePath(%q) = %q; want %q", raw, got, want)
		}
	}
	for _, bad := range []string{"%", "a%4", "%zz", "%4", "%%41"} {
		if got, err := UnescapePath(bad); err == nil {
			t.Errorf("UnescapePath(%q) = %q; want an error", bad, got)
		}
	}
}

// Text that is printable, or escaped already, stays as it is.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"100 %, Zoë\t日本\n":      "100 %, Zoë\t日本\n",
		"%1B":                   "%1B",
		"\x1b[2J\a\r\x7f\u009b": "%1B[2J%07%0D%7F%C2%9B",
		"\xff\xc3 é":            "%FF%C3 é",
	} {
		if got := Printable(text); got != want || Printable(got) != got {
			t.Errorf("Printable(%q) = %q; want %q", text, got, want)
		}
	}
}

func FuzzEscapePath(f *testing.F) {
	for _, s := range []string{"", "a%b", "\xff\n", "é", "\u0085"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text := EscapePath(raw)
		if !utf8.ValidString(text) {
			t.Fatalf("%q is not UTF-8", text)
		}
		for _, r := range text {
			if unicode.IsControl(r) {
				t.Fatalf("%q holds the control character %U", text, r)
			}
		}
		back, err := UnescapePath(text)
		if err != nil || back != raw {
			t.Fatalf("%q is read back as %q, %v", raw, back, err)
		}
		_, _ = UnescapePath(raw) // must not panic
	})
}
