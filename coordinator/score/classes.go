package score

// classes are sets of names that mean one thing.
type classes struct{ first map[string]string }

func newClasses() *classes { return &classes{map[string]string{}} }

// join says that two names mean one thing.
func (c *classes) join(a, b string) { c.first[c.root(a)] = c.root(b) }

// same says whether two names mean one thing.
func (c *classes) same(a, b string) bool { return c.root(a) == c.root(b) }

func (c *classes) root(name string) string {
	for {
		next, ok := c.first[name]
		if !ok || next == name {
			return name
		}
		name = next
	}
}
