package screen

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/facesieve/facesieve/schemas"
)

// columns returns how many columns of a terminal a text takes.
func columns(text string) int { return measure().StringWidth(text) }

// cutTo returns at most n columns of a text.
func cutTo(text string, n int) string { return measure().Truncate(text, n, "…") }

// Cell returns one word of a table, in n columns of a terminal: cut where it is longer, its
// control characters escaped.
func Cell(word string, n int) string {
	return measure().FillRight(cutTo(schemas.EscapePath(word), n), n)
}

// breakAt returns a word in parts of at most n columns, which is 2 or more.
func breakAt(word string, n int) (parts []string) {
	m := measure()
	for m.StringWidth(word) > n {
		part := m.Truncate(word, n, "")
		if part == "" { // one character, that is wider
			break
		}
		parts, word = append(parts, part), word[len(part):]
	}
	return append(parts, word)
}

// measure is how terminals measure characters. What the environment says of them is left
// out: a bar of box characters has one column each.
func measure() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

// Wrap breaks text into lines of at most width columns, each with an indent and a
// newline. A word that is longer stands alone.
func Wrap(text, indent string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := columns(word)
		switch {
		case column == 0:
			b.WriteString(indent)
			column = columns(indent)
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = columns(indent)
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += n
	}
	if column > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
