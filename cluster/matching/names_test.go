package matching

import (
	"testing"
	"unicode/utf8"
)

func TestNamesMatch(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Ben_Affleck", "ben affleck", true},
		{"Robert_Downey_Jr.", "Robert Downey Jr", true},
		{"Joanna_García", "joanna-garcia", true},
		{"Joanna_Garci\u0301a", "Joanna_Garcia", true},
		{"Shaquille O'Neal", "Shaquille_ONeal", true},
		{"Søren Łukasz Straße", "soren lukasz strasse", true},
		{"İbrahim", "ibrahim", true},
		{"  Al--Pacino__", "al.pacino", true},
		{"Ελένης", "ΕΛΕΝΗΣ", true},
		{"Robin_Williams", "Robin_McLaurin_Williams", false},
		{"Wang_Nan", "Nan_Wang", false},
		{"राम", "रम", false},
		{"0042", "0042", false},
		{"___", "...", false},
		{"", "", false},
		{"\xff\xfe", "\xff\xfe", false},
	} {
		if got := NamesMatch(c.a, c.b); got != c.want {
			t.Errorf("NamesMatch(%q, %q) = %v (%q, %q)", c.a, c.b, got, NormalName(c.a), NormalName(c.b))
		}
	}
}

func FuzzNamesMatch(f *testing.F) {
	for _, s := range []string{"Ben_Affleck", "İI ıß", "a\u0301\u0323", "ﬁ Ǆ", "राम", "\xff", "ΐ ς", "ŉ ʼn"} {
		f.Add(s, "ben-affleck")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		n := NormalName(a)
		if !utf8.ValidString(n) {
			t.Fatalf("%q is not valid", n)
		}
		if again := NormalName(n); again != n {
			t.Fatalf("%q: %q, then %q", a, n, again)
		}
		if NamesMatch(a, b) != NamesMatch(b, a) {
			t.Fatalf("%q and %q match one way", a, b)
		}
	})
}
