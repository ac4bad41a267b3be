package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/facesieve/facesieve/schemas"
)

// called is this program as it was called: what a command to give next begins with.
// What go run builds is gone when it has ended.
func (a *app) called() string {
	switch {
	case a.program == "":
		return "coordinator"
	case strings.Contains(filepath.ToSlash(a.program), "/go-build"):
		return "go run ./coordinator"
	}
	return quoted(a.program)
}

// where are the flags that name the store, for a command to give next.
func (a *app) where() (flags string) {
	if a.storeURL != defaultStore {
		flags = " --store " + quoted(a.storeURL)
	}
	if a.s3.Endpoint != "" {
		flags += " --s3-endpoint " + quoted(a.s3.Endpoint)
	}
	return flags
}

// next is the command to give next.
func (a *app) next(run schemas.RunID, s *schemas.Summary) string {
	switch {
	case len(s.Failures) > 0:
		return "Next: the same command again tries the failed tasks again\nThe report:"
	case s.Decisions[schemas.Review] > 0:
		return fmt.Sprintf("Next: look at the images to review, write path,decision into decisions.csv, and\n  %s run --from %s --overrides decisions.csv%s\nThe report:", a.called(), run, a.where())
	}
	return fmt.Sprintf("Next: copy the tables for your own programs\n  %s report %s --out report%s\nThe report:", a.called(), run, a.where())
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// percent is a share.
func percent(x float64) string {
	if x > 0 && x < .001 {
		return "<0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

// wrap breaks text into lines of at most width columns, each with an indent and a
// newline. A word that is longer stands alone.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
			b.WriteString(indent)
			column = utf8.RuneCountInString(indent)
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = utf8.RuneCountInString(indent)
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
