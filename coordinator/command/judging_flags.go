package command

import (
	"fmt"
	"math"
	"os"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/pipeline/stage/judge"
	"github.com/facesieve/facesieve/pipeline/stage/secondlook"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// judgingFlags decide verdicts.
type judgingFlags struct {
	overrides         string
	from              string
	prior             string
	drop, review      float64
	minQuality        float64 // 0: no image is dropped for its quality
	certain, probable float64
	dropNear          bool
	mixed             bool
	rekind            bool
	secondLook        string // lookOn or lookOff
}

// The values of --second-look.
const (
	lookOn  = "on"
	lookOff = "off"
)

// defaultJudging returns the values of the flags where none is given.
func defaultJudging() judgingFlags {
	return judgingFlags{drop: .95, review: .5, certain: .01, probable: .5, secondLook: lookOn}
}

// AddFlags defines the flags, with the values that f has as defaults.
func (f *judgingFlags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.overrides, "overrides", "",
		"a person's decisions (path, decision, identity; CSV or Arrow), which win")
	fs.StringVar(&f.from, "from", "", "judge that run's vectors again: no images, models or engine are needed")
	fs.StringVar(&f.prior, "prior", "",
		"weights that the judge of images starts from, JSON; default: those that come with the program")
	fs.Float64Var(&f.drop, "drop", f.drop, "p_noise from which an image is dropped or relabelled")
	fs.Float64Var(&f.review, "review", f.review, "p_noise from which a person should look")
	fs.Float64Var(&f.minQuality, "min-quality", f.minQuality,
		"drop images with right labels whose quality is lower, 0 to 1 (.4: about the worst 2 % of photographs)")
	fs.BoolVar(&f.dropNear, "drop-near-duplicates", false,
		"drop re-encoded, resized and slightly cropped copies under the same label; else they are for review")
	fs.Float64Var(&f.certain, "certain", f.certain,
		"false matches of the whole run that tier certain may hold, expected")
	fs.Float64Var(&f.probable, "probable", f.probable,
		"the same for tier probable; where more than 50 matches are expected, for each 50")
	fs.StringVar(&f.secondLook, "second-look", f.secondLook,
		"whether images that the first look leaves in doubt are looked at again (on, off)")
	fs.BoolVar(&f.mixed, "mixed", false,
		"allow workers of several processor or GPU types; reports may then differ in the last bits")
	fs.BoolVar(&f.rekind, "rekind", false,
		"start over with vectors of this machine's processor or GPU type; it must have an engine")
}

// check refuses numbers that no run can have.
func (f *judgingFlags) check() error {
	for _, x := range []struct {
		flag string
		p    float64
	}{{"drop", f.drop}, {"review", f.review}} {
		if !(x.p >= 0 && x.p <= 1) {
			return program.Usagef("--%s %v: give a probability, 0 to 1", x.flag, x.p)
		}
	}
	if !(f.minQuality >= 0 && f.minQuality <= 1) {
		return program.Usagef("--min-quality %v: give a quality, 0 to 1", f.minQuality)
	}
	switch {
	case f.secondLook != lookOn && f.secondLook != lookOff:
		return program.Usagef("--second-look %s: give on or off", f.secondLook)
	case f.review > f.drop:
		return program.Usagef("--review %v is above --drop %v", f.review, f.drop)
	case !(f.certain >= 0 && f.certain <= f.probable && f.probable <= math.MaxFloat32):
		return program.Usagef("--certain %v, --probable %v: give expected false matches, certain no more than probable", f.certain, f.probable)
	}
	return nil
}

// spec is how a run judges. The digest of a person's decisions is left out.
func (f *judgingFlags) spec() schemas.JudgeSpec {
	spec := schemas.JudgeSpec{Method: judge.Method, Drop: schemas.NewDecimal(f.drop),
		Review:  schemas.NewDecimal(f.review),
		Certain: schemas.NewDecimal(f.certain), Probable: schemas.NewDecimal(f.probable), DropNearDuplicates: f.dropNear, Mixed: f.mixed}
	if f.minQuality > 0 {
		spec.MinQuality = schemas.NewDecimal(f.minQuality)
	}
	if f.secondLook == lookOn {
		spec.SecondLook = secondlook.Method
	}
	return spec
}

// readPrior returns the bytes of the file of --prior, nil without one.
func (f *judgingFlags) readPrior() ([]byte, error) {
	if f.prior == "" {
		return nil, nil
	}
	data, err := os.ReadFile(f.prior)
	if err != nil {
		return nil, program.WithHint(err, "name a file of weights with --prior, or leave it out")
	}
	if err := judge.CheckPrior(data); err != nil {
		return nil, program.WithHint(fmt.Errorf("%s: %w", f.prior, err),
			"FORMAT.md says what --prior takes; leave it out for the weights that come with the program")
	}
	return data, nil
}
