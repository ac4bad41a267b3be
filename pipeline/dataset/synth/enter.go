package synth

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/facesieve/facesieve/internal/origin"
)

// The names in a set's folder.
const (
	facesDir       = "faces"
	facesTable     = "faces.csv"
	referenceDir   = "reference"
	referenceTable = "reference.csv"
	truthDir       = "truth"
	truthTable     = "truth.csv"
	recordFile     = "synth.json"            // written last: a set that has it is complete
	unfinishedFile = "synth.unfinished.json" // what is being made
)

// record says what set a folder holds.
type record struct {
	Version int `json:"version"`
	// Drawing is a digest of a few pictures and sums: what is drawn may differ between
	// versions and builds of the program.
	Drawing string  `json:"drawing"`
	Options Options `json:"options"`
}

const recordVersion = 1

// record returns the plan's record as JSON.
func (p *plan) record() ([]byte, error) {
	h := sha256.New()
	for i := range 3 {
		r := stream(p.options.Seed, "drawing", i)
		c, err := p.portrait(r, someone{ofOutlier, -1, i})
		if err != nil {
			return nil, err
		}
		h.Write(c.data)
	}
	h.Write(arithmetic())
	data, err := json.MarshalIndent(record{recordVersion, hex.EncodeToString(h.Sum(nil)[:8]), p.options},
		"", "  ")
	return append(data, '\n'), err
}

// arithmetic returns numbers whose last bits tell builds and processors apart, as
// pictures may: a product and a sum are one operation in some, and functions are
// computed in other ways.
func arithmetic() (bits []byte) {
	r := stream(0, "arithmetic")
	for range 64 {
		x, y, z := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
		for _, v := range []float64{x*y + z, math.Exp(x), math.Log(z * z), math.Sin(x), math.Cos(y),
			math.Pow(x*x, y), math.Atan2(x, y), math.Hypot(x, y)} {
			bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
		}
	}
	return bits
}

// enter makes the set's folder, or finds this set in it, and says whether it is
// complete.
func (p *plan) enter() (complete bool, err error) {
	want, err := p.record()
	if err != nil {
		return false, err
	}
	entries, err := os.ReadDir(p.options.Out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%w; name a folder that is absent or empty", err)
	}
	for _, name := range []string{recordFile, unfinishedFile} {
		found, err := os.ReadFile(p.at(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		if !bytes.Equal(found, want) {
			return false, fmt.Errorf("%s holds %s; name another folder, or remove this one",
				p.options.Out, difference(found, want))
		}
		return name == recordFile, nil
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "."+unfinishedFile) { // what a writer that died has begun
			return false, fmt.Errorf("%s is not empty and holds no set of this program; "+
				"name a folder that is absent or empty", p.options.Out)
		}
	}
	if err := os.MkdirAll(p.options.Out, 0o755); err != nil {
		return false, fmt.Errorf("%w; name a folder that can be made", err)
	}
	return false, writeWhole(p.at(unfinishedFile), want)
}

// ErrUnfinished says that a folder's set is half made.
var ErrUnfinished = errors.New("this set is not complete; the command that draws it completes it")

// DrawnWith reads the options that the set in a folder was drawn with, as JSON; nil
// where the folder holds no set of this program. A set half made is ErrUnfinished.
func DrawnWith(dir string) (json.RawMessage, error) {
	if _, err := os.Stat(filepath.Join(dir, unfinishedFile)); err == nil {
		return nil, origin.Errorf("synth", "%s: %w", dir, ErrUnfinished)
	}
	text, err := os.ReadFile(filepath.Join(dir, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, origin.Errorf("synth", "%w", err)
	}
	var found struct {
		Options json.RawMessage `json:"options"`
	}
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, origin.Errorf("synth", "%s: %w", filepath.Join(dir, recordFile), err)
	}
	return found.Options, nil
}

// present checks that a complete set still has its lists. The truth may be gone:
// whoever only cleans the set needs none.
func (p *plan) present() error {
	lists := []string{facesTable}
	if len(p.reference) > 0 {
		lists = append(lists, referenceTable)
	}
	for _, name := range lists {
		if _, err := os.Stat(p.at(name)); err != nil {
			return fmt.Errorf("%w; remove %s and draw it anew", err, p.options.Out)
		}
	}
	return nil
}

// difference says why a found record is not the wanted one.
func difference(found, want []byte) string {
	var f, w record
	if json.Unmarshal(found, &f) != nil || json.Unmarshal(want, &w) != nil {
		return "a set that can't be told"
	}
	if f.Options.String() == w.Options.String() {
		return "this set as another version or build of the program draws it"
	}
	return "another set"
}

// String returns the options that decide a set's bytes.
func (o Options) String() string {
	data, err := json.Marshal(o)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// finish says that the set is complete. Whoever else draws the same set into the
// same folder may have said so before.
func (p *plan) finish() error {
	err := os.Rename(p.at(unfinishedFile), p.at(recordFile))
	if err == nil {
		return nil
	}
	found, ferr := os.ReadFile(p.at(recordFile))
	if want, werr := p.record(); ferr == nil && werr == nil && bytes.Equal(found, want) {
		return nil
	}
	return fmt.Errorf("finish: %w; the same command tries again", err)
}

// writeWhole writes a file that is there whole or not at all, in a folder that it
// makes.
func writeWhole(name string, data []byte) error {
	folder := filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(name, data, 0o644, renameio.WithTempDir(folder))
}
