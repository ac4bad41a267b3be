package command

import (
	"testing"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/plan"
)

// A run embeds faces alone unless it is told otherwise; an evaluation adds their mirror
// images always.
func TestWhatIsEmbedded(t *testing.T) {
	for _, c := range []struct {
		evaluate bool
		args     []string
		flip     string
	}{
		{false, nil, embed.FlipNone},
		{false, []string{"--mirror"}, embed.FlipSum},
		{true, nil, embed.FlipSum},
	} {
		r, e, flags := defaultRun(), defaultEvaluate(), pflag.NewFlagSet("", pflag.ContinueOnError)
		embedding := &r.request.embedding
		if c.evaluate {
			e.AddFlags(flags)
			embedding = &e.request.embedding
		} else {
			r.AddFlags(flags)
		}
		if err := flags.Parse(append(c.args, "--model", "builtin", "--detector", "none")); err != nil {
			t.Fatal(err)
		}
		if c.evaluate != (flags.Lookup(mirrorFlag) == nil) {
			t.Error("evaluate has the option --mirror, or run has none")
		}
		var q plan.Request
		if _, err := embedding.add(&q); err != nil || q.Embed.Flip != c.flip {
			t.Errorf("%+v: flip %q (%v)", c, q.Embed.Flip, err)
		}
	}
}
