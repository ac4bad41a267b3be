package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/facesieve/facesieve/internal/origin"
)

// ErrInvalid is what every Validate's error wraps.
var ErrInvalid = errors.New("invalid")

// ErrVersion means that a run was made by a version of this program whose runs this
// one does not read.
var ErrVersion = errors.New("made by another version of this program")

func invalid(format string, args ...any) error {
	return origin.Errorf("schemas", "%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Validate refuses a Spec that no run can have. Decimals must stand in their
// shortest form, so that one meaning has one id.
func (s Spec) Validate() error {
	if err := checkVersion(s.Version); err != nil {
		return err
	}
	if err := s.Data.validate(); err != nil {
		return err
	}
	embedded := false
	for _, src := range append([]SourceSpec{s.Data.Set}, s.Data.References...) {
		embedded = embedded || !src.Precomputed
	}
	if embedded {
		if err := s.Embed.validate(); err != nil {
			return err
		}
	}
	return s.Judge.validate()
}

// checkVersion refuses a Spec's version that this program does not read. Errors
// wrap ErrInvalid and ErrVersion.
func checkVersion(version int) error {
	if version == SpecVersion {
		return nil
	}
	return origin.Errorf("schemas",
		"%w spec: the run was %w: its spec is of version %d, this program reads version %d; "+
			"the same command makes a new run and leaves this one as it is", ErrInvalid, ErrVersion, version,
		SpecVersion)
}

// checkJSON refuses the JSON of a Spec of another version, whose keys may be
// others, before it is read. Errors wrap ErrInvalid and ErrVersion.
func (s Spec) checkJSON(data []byte) error {
	var v struct {
		Version int `json:"version"`
	}
	if json.Unmarshal(data, &v) != nil {
		return nil // what is no JSON is refused by whoever reads it
	}
	return checkVersion(v.Version)
}

func (d DataSpec) validate() error {
	if d.Set.Name != Set {
		return invalid("the set has the name %q; want none", d.Set.Name)
	}
	if d.ShardImages < 1 {
		return invalid("shard_images %d; want at least 1", d.ShardImages)
	}
	if err := d.Set.validate(); err != nil {
		return err
	}
	last := Set
	for _, r := range d.References {
		if err := r.Name.Validate(); err != nil {
			return invalid("%s", origin.Text(err))
		}
		if r.Name <= last {
			return invalid("references are not sorted by name, or %q is empty or twice there", r.Name)
		}
		last = r.Name
		if err := r.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (s SourceSpec) validate() error {
	if !s.Digest.valid() {
		return invalid("source %s: digest %q is not a SHA-256 in lower-case hex", s.Name.Token(), s.Digest)
	}
	if s.Images < 0 {
		return invalid("source %s: %d images", s.Name.Token(), s.Images)
	}
	return nil
}

// valid says whether d is 64 lower-case hex digits.
func (d Digest) valid() bool { return len(d) == 64 && lowerHex(string(d)) }

// Validate refuses what is not an id of a run: 32 lower-case hex digits.
func (r RunID) Validate() error {
	if len(r) != 32 || !lowerHex(string(r)) {
		return invalid("run %q: want 32 lower-case hex digits", string(r))
	}
	return nil
}

func lowerHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func (e EmbedSpec) validate() error {
	if !e.Model.valid() {
		return invalid("model digest %q is not a SHA-256 in lower-case hex", e.Model)
	}
	if err := e.Contract.Validate(); err != nil {
		return err
	}
	if e.Detector == "" {
		if e.Detection != (Detection{}) {
			return invalid("detection %+v without a detector", e.Detection)
		}
		return nil
	}
	if !e.Detector.valid() {
		return invalid("detector digest %q is not a SHA-256 in lower-case hex", e.Detector)
	}
	if e.Detection.Decoding == "" {
		return invalid("detection without a decoding")
	}
	if e.Detection.Size < 32 || e.Detection.Size > 1<<14 {
		return invalid("detection size %d; want 32 to 16384", e.Detection.Size)
	}
	return errors.Join(e.Detection.Score.within("detection score", 0, 1),
		e.Detection.NMS.within("detection nms", 0, 1))
}

// Validate refuses a contract no model can have.
func (c ModelContract) Validate() error {
	if c.Width < 1 || c.Height < 1 || c.Width > 4096 || c.Height > 4096 {
		return invalid("model input %dx%d; want 1x1 to 4096x4096", c.Width, c.Height)
	}
	if c.Channels != "rgb" && c.Channels != "bgr" {
		return invalid("model channels %q; want rgb or bgr", c.Channels)
	}
	if c.Dim < 1 || c.Dim > MaxDim {
		return invalid("model dimension %d; want 1 to %d", c.Dim, MaxDim)
	}
	all := []error{c.Scale.within("model scale", -math.MaxFloat32, math.MaxFloat32)}
	for i := range c.Mean {
		all = append(all, c.Mean[i].within("model mean", -math.MaxFloat32, math.MaxFloat32),
			c.Std[i].within("model std", -math.MaxFloat32, math.MaxFloat32))
		if c.Std[i].Float() == 0 {
			all = append(all, invalid("model std is 0"))
		}
	}
	return errors.Join(all...)
}

func (j JudgeSpec) validate() error {
	if j.Method == "" {
		return invalid("the judge's method is empty")
	}
	err := errors.Join(j.Drop.within("drop", 0, 1), j.Review.within("review", 0, 1),
		j.Certain.within("certain", 0, math.MaxFloat32), j.Probable.within("probable", 0, math.MaxFloat32))
	if err != nil {
		return err
	}
	if j.MinQuality != "" {
		if err := j.MinQuality.within("min_quality", 0, 1); err != nil {
			return err
		}
		if j.MinQuality == "0" {
			return invalid("min_quality 0 drops nothing; leave it out")
		}
	}
	if j.Review.Float() > j.Drop.Float() {
		return invalid("review %s is above drop %s", j.Review, j.Drop)
	}
	if j.Certain.Float() > j.Probable.Float() {
		return invalid("certain %s is above probable %s", j.Certain, j.Probable)
	}
	if j.Overrides != "" && !j.Overrides.valid() {
		return invalid("overrides digest %q is not a SHA-256 in lower-case hex", j.Overrides)
	}
	if j.Prior != "" && !j.Prior.valid() {
		return invalid("prior's digest %q is not a SHA-256 in lower-case hex", j.Prior)
	}
	return nil
}

// within refuses a decimal that is no finite number in [lo, hi] or does not
// stand in its shortest form.
func (d Decimal) within(name string, lo, hi float64) error {
	x, err := strconv.ParseFloat(string(d), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return invalid("%s %q is not a number", name, string(d))
	}
	if short := NewDecimal(x); short != d {
		return invalid("%s %q; write it %q", name, string(d), string(short))
	}
	if x < lo || x > hi {
		return invalid("%s %s; want %g to %g", name, string(d), lo, hi)
	}
	return nil
}
