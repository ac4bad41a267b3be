package command

import (
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/simulate"
	"github.com/facesieve/facesieve/worker/program"
)

// check reads the shares and refuses what does not fit together.
func (o *simulateFlags) check() (err error) {
	x := &o.options
	for _, s := range []struct {
		flag, text string
		to         *float64
	}{{"flips", o.flips, &x.Flips}, {"hard-flips", o.hardFlips, &x.HardFlips}, {"outliers", o.outliers, &x.Outliers},
		{"alike-guests", o.alike, &x.AlikeGuests}} {
		if *s.to, err = simulate.ParseShare(s.text); err != nil {
			return program.Usagef("--%s %w", s.flag, err)
		}
	}
	if x.Mates, err = simulate.ParseRange(o.mates); err != nil {
		return program.Usagef("--mates %w", err)
	}
	if x.Collisions, x.CollisionShare, err = simulate.ParseCollisions(o.collisions, usualShare); err != nil {
		return program.Usagef("--collisions %w", err)
	}
	x.FlipMode = simulate.FlipMode(o.mode)
	switch {
	case o.data == "":
		return program.Usagef("nothing to simulate noise in: name the set's folder with --data")
	case o.out == "":
		return program.Usagef("name a folder to write to with --out")
	case o.layout != "" && !slices.Contains(layout.Names(), o.layout):
		return program.Usagef("--layout %q: one of %s", o.layout, strings.Join(layout.Names(), ", "))
	case x.Outliers > 0 && x.HoldBack == 0 && o.strangers == "":
		return program.Usagef("--outliers %s of whom? Hold people back with --hold-back N, or name another "+
			"collection with --outliers-from", o.outliers)
	case x.HoldBack > 0 && o.strangers != "":
		return program.Usagef("--hold-back and --outliers-from both say who is an outlier; leave one out")
	case x.HardFlips > 0 && o.report == "":
		return program.Usagef("--hard-flips %s: name a finished report of the set with --report: it says who is "+
			"nearest to whom", o.hardFlips)
	case x.AlikeGuests > 0 && o.report == "":
		return program.Usagef("--alike-guests %s: name a finished report of the set with --report: it says who is "+
			"nearest to whom", o.alike)
	}
	switch {
	case x.AlikeGuests > 0 && x.Collisions == 0:
		return program.Usagef("--alike-guests %s of whom? Ask for labels with a guest with --collisions", o.alike)
	case x.Mates.High > 0 && x.Outliers == 0:
		return program.Usagef("--mates %s of whom? Ask for outliers with --outliers", o.mates)
	case o.report != "" && x.HardFlips == 0 && x.AlikeGuests == 0:
		return program.Usagef("--report %s is for hard flips and guests who look alike: ask for them with --hard-flips "+
			"or --alike-guests", o.report)
	}
	if err := o.checkOverlap(); err != nil {
		return err
	}
	if err := o.checkURLs(); err != nil {
		return err
	}
	return program.Usage(x.Validate())
}

// checkOverlap reads which benchmark is to have people in the set.
func (o *simulateFlags) checkOverlap() (err error) {
	switch len(o.overlap) {
	case 0:
		return nil
	case 1:
		o.reference.name, o.reference.url, o.options.Overlap, err = simulate.ParseOverlap(o.overlap[0])
		if err != nil {
			return program.Usagef("--overlap %w", err)
		}
		return nil
	}
	return program.Usagef("--overlap is given %d times; name one benchmark, with all the people that are to be in the set",
		len(o.overlap))
}

// checkURLs refuses what links can't be made to, and what a manifest can't name.
func (o *simulateFlags) checkURLs() error {
	bucket := strings.HasPrefix(o.data, "s3://")
	for _, f := range []struct{ flag, folder string }{{"data", o.data}, {"out", o.out}, {"outliers-from", o.strangers},
		{"overlap", o.reference.url}} {
		if strings.Contains(f.folder, "://") && !strings.HasPrefix(f.folder, "file://") && !(f.flag == "data" && bucket) {
			return program.Usagef("--%s %s: links are made to folders of this machine", f.flag, f.folder)
		}
	}
	switch {
	case bucket && o.options.NearDuplicates > 0:
		return program.Usagef("--near-duplicates %d with --data %s: copies are files beside links to a folder; copy the "+
			"set to a folder and name that with --data", o.options.NearDuplicates, o.data)
	case bucket && o.strangers != "":
		return program.Usagef("--outliers-from %s with --data %s: a manifest has one root, the bucket; hold people of "+
			"the set back with --hold-back N instead", o.strangers, o.data)
	case bucket && o.reference.url != "":
		return program.Usagef("--overlap %s with --data %s: a manifest has one root, the bucket; copy the set, or some "+
			"of its people, to a folder and name that with --data", o.overlap[0], o.data)
	}
	return nil
}
