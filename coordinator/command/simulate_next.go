package command

import (
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/simulate"
)

// next returns the commands that clean a set of an origin with results in a store, and
// score the report.
func (o *simulateFlags) next(s *session, m screen.Simulated, from simulate.Origin, store string) (clean, score string) {
	clean = s.caller.name() + " run --data " + quoted(m.Data)
	if m.Manifest != "" {
		clean += " --manifest " + quoted(m.Manifest)
	} else {
		clean += " --layout " + layout.Folder
	}
	if m.Reference != "" {
		clean += " --reference " + quoted(o.reference.name+"="+m.Reference)
		if !o.reference.listed {
			clean += " --reference-manifest " + quoted(o.reference.name+"="+m.ReferenceManifest)
		}
	}
	clean += " --store " + quoted(store)
	if !from.Linked() && s.store.s3.Endpoint != "" {
		clean += " --s3-endpoint " + quoted(s.store.s3.Endpoint)
	}
	return clean, s.caller.name() + " score --store " + quoted(store) + " --truth " + quoted(m.Truth)
}
