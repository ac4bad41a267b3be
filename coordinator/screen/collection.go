package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/admin"
)

// CollectionText returns a collection for a person.
func CollectionText(c *admin.Collection) string {
	var b strings.Builder
	for _, r := range c.Runs {
		if r.Kept == admin.WhyUnkept {
			fmt.Fprintf(&b, "remove run %s\n", r.ID)
		} else {
			fmt.Fprintf(&b, "keep   run %s  %s\n", r.ID, r.Kept)
		}
	}
	var folders []string
	for f := range c.Folders {
		folders = append(folders, f)
	}
	slices.Sort(folders)
	for _, f := range folders {
		n := c.Folders[f]
		fmt.Fprintf(&b, "  %-11s %8s objects  %9s\n", f, Count(n.Objects), Size(n.Bytes))
	}
	verb := "would remove"
	if c.Deleted {
		verb = "removed"
	}
	fmt.Fprintf(&b, "%s %s, %s; kept %s, %s", verb, Plural(c.Remove.Objects, "object"), Size(c.Remove.Bytes),
		Plural(c.Keep.Objects, "object"), Size(c.Keep.Bytes))
	if c.Young.Objects > 0 {
		fmt.Fprintf(&b, "\n%s that no run needs are younger than 24 hours and stay, %s",
			Plural(c.Young.Objects, "object"), Size(c.Young.Bytes))
	}
	if !c.Deleted && c.Remove.Objects > 0 {
		b.WriteString("\nnothing was removed; give the same command with --force to remove it")
	}
	b.WriteString("\n")
	return b.String()
}
