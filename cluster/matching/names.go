package matching

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NamesMatch says whether two names of people are the same once case,
// diacritics, punctuation and the separators between words (space, underscore,
// dot, hyphen) are set aside. Names that hold no letter or digit, and plain
// numbers, never match: they are nobody's name.
func NamesMatch(a, b string) bool {
	x := NormalName(a)
	return x != "" && x == NormalName(b) && strings.ContainsFunc(x, unicode.IsLetter)
}

// NormalName returns the form in which names are compared: compatibility
// decomposition without combining marks, lower case, words separated by one
// space. It is idempotent; names that match have equal forms.
func NormalName(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(foldName(name)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		case unicode.Is(unicode.M, r):
			// Accents go; the vowel signs of other scripts are part of the name.
			if !unicode.Is(unicode.Inherited, r) {
				b.WriteRune(r)
			}
		case r == '\'' || r == '’':
			// O'Brien and OBrien are one name.
		default:
			gap = true
		}
	}
	return b.String()
}

// foldName lowers the case, and spells the letters that Unicode does not
// decompose the way that names in plain Latin letters do.
func foldName(name string) string {
	// Decomposed first, so that lowering sees plain letters (a dotted capital I).
	lower := strings.ToLower(strings.ToUpper(norm.NFKD.String(strings.ToValidUTF8(name, "\uFFFD"))))
	return nameLetters.Replace(lower)
}

var nameLetters = strings.NewReplacer(
	"ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th",
	"æ", "ae", "œ", "oe", "ı", "i", "ς", "σ",
)
