package command

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/coordinator/screen"
)

func TestEveryCommandTeaches(t *testing.T) {
	for _, cmd := range rootCommand(&session{}, func() {}).Commands() {
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		if cmd.Short == "" || cmd.Long == "" || !strings.Contains(cmd.Example, "coordinator "+cmd.Name()) {
			t.Errorf("%s has no description or no example", cmd.Name())
		}
		for line := range strings.Lines(cmd.Long) {
			if len(line) > screen.Width+1 {
				t.Errorf("%s: too wide: %s", cmd.Name(), line)
			}
		}
	}
}
