package simulate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// The names in a set's folder.
const (
	FacesFolder     = "faces"     // not where the source stands in a bucket
	ManifestFile    = "faces.csv" // there, and where the source ships landmarks
	TruthFile       = "truth/truth.csv"
	SourcesFile     = "sources.csv"
	ReferenceFolder = "reference"     // the folder of a reference, and its manifest, in it
	RecordFile      = "simulate.json" // written last: a set that has it is complete
)

// Record is what simulate.json holds.
type Record struct {
	Version int     `json:"version"`
	Origin  Origin  `json:"origin"`
	Options Options `json:"options"`
	// Listing is the SHA-256 of faces.csv, sources.csv, truth.csv and the reference's manifest,
	// so that a source that has changed is told.
	Listing    string              `json:"listing"`
	Images     int                 `json:"images"`
	Identities int                 `json:"identities"`
	HeldBack   []string            `json:"held_back,omitempty"` // escaped
	Simulated  map[truth.Issue]int `json:"simulated"`           // rows of the truth by issue
	// ReferenceImages are those that the reference is left with.
	ReferenceImages int `json:"reference_images,omitempty"`
}

const recordVersion = 1

// files are the tables of a set, and its record; nil: the set has none.
type files struct{ manifest, sources, truth, reference, record []byte }

// Write makes a set's folder: links to the images or, of a source in a bucket, a
// manifest of them, the truth, where each image comes from, the reference as it is left,
// and last the record. It says so where the folder holds the very set already,
// and leaves it alone. A call that ends early leaves no folder of that name, or the
// empty one that was there, at worst without a record.
func Write(ctx context.Context, dir string, r *Result, from Origin, o Options) (Record, bool, error) {
	rec, reused, err := write(ctx, dir, r, from, o)
	if err != nil {
		return rec, false, origin.Errorf("simulate", "%w", err)
	}
	return rec, reused, nil
}

func write(ctx context.Context, dir string, r *Result, from Origin, o Options) (rec Record, reused bool, err error) {
	if err := Outside(dir, from); err != nil {
		return rec, false, err
	}
	f, rec, err := r.files(from, o)
	if err != nil {
		return rec, false, err
	}
	if reused, err = taken(dir, f.record); reused || err != nil {
		return rec, reused, err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	_, err = os.Stat(dir)
	there := err == nil
	if there { // it may be a link, the folder that one stands in, or a file system of its own
		parent = dir
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return rec, false, err
	}
	unfinished, err := os.MkdirTemp(parent, ".simulate-*")
	if err != nil {
		return rec, false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(unfinished))
		}
	}()
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return rec, false, err
	}
	if err := r.link(ctx, unfinished, from); err != nil {
		return rec, false, err
	}
	if err := f.write(unfinished, from); err != nil {
		return rec, false, err
	}
	if there {
		return rec, false, empty(unfinished, dir)
	}
	return rec, false, os.Rename(unfinished, dir)
}

// write writes the files below a folder, the record last.
func (f files) write(dir string, from Origin) error {
	for _, x := range []struct {
		name string
		data []byte
	}{{ManifestFile, f.manifest}, {TruthFile, f.truth}, {SourcesFile, f.sources},
		{ReferenceFolder + "/" + from.ReferenceName + ".csv", f.reference}, {RecordFile, f.record}} {
		if x.data == nil {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(x.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, x.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// files returns the tables of the set, and its record.
func (r *Result) files(from Origin, o Options) (f files, rec Record, err error) {
	if f.truth, err = truth.Format(r.Truth); err != nil {
		return f, rec, err
	}
	lines := [][]string{{"path", "source_path", "source", "true_identity"}}
	for _, e := range r.Entries {
		lines = append(lines, []string{schemas.EscapePath(e.Path), schemas.EscapePath(e.Image.Path),
			schemas.EscapePath(from.of(e)), schemas.EscapePath(e.Image.Identity)})
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(lines); err != nil {
		return f, rec, err
	}
	f.sources = b.Bytes()
	if f.manifest, err = r.manifest(from.Linked()); err != nil {
		return f, rec, err
	}
	if f.reference, err = r.referenceManifest(); err != nil {
		return f, rec, err
	}
	h := sha256.New()
	for _, data := range [][]byte{f.manifest, f.sources, f.truth, f.reference} {
		h.Write(data)
	}
	rec = Record{Version: recordVersion, Origin: from, Options: o, Listing: hex.EncodeToString(h.Sum(nil)),
		Images: len(r.Entries), Identities: r.Identities, Simulated: r.Counts(),
		ReferenceImages: len(r.Reference)}
	for _, n := range r.HeldBack {
		rec.HeldBack = append(rec.HeldBack, schemas.EscapePath(n))
	}
	data, err := json.MarshalIndent(rec, "", "  ")
	f.record = append(data, '\n')
	return f, rec, err
}
