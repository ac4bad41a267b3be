package command

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// caller is how the program was called: commands to give next begin so.
type caller struct {
	program string // "": coordinator
}

// name is the word that the program is called by. What go run builds is gone when it
// has ended.
func (c caller) name() string {
	switch {
	case c.program == "":
		return "coordinator"
	case strings.Contains(filepath.ToSlash(c.program), "/go-build"):
		return "go run ./coordinator"
	}
	return quoted(c.program)
}

// next says what to do once a report of a run in a store is there.
func (c caller) next(st *storeFlags, run schemas.RunID, s *schemas.Summary) string {
	switch {
	case len(s.Failures) > 0:
		return "Next: the same command again tries the failed tasks again\nThe report:"
	case s.Decisions[schemas.Review] > 0:
		return fmt.Sprintf("Next: look at the images to review, write path,decision into decisions.csv, and\n"+
			"  %s run --from %s --overrides decisions.csv%s\nThe report:", c.name(), run, st.again())
	}
	return fmt.Sprintf("Next: copy the tables for your own programs\n  %s report %s --out report%s\nThe report:",
		c.name(), run, st.again())
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && strings.Trim(word,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
