package simulate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// The names in a set's folder.
const (
	FacesFolder  = "faces"
	ManifestFile = "faces.csv" // where the source ships landmarks
	TruthFile    = "truth/truth.csv"
	SourcesFile  = "sources.csv"
	RecordFile   = "simulate.json" // written last: a set that has it is complete
)

// Origin says where a set's images come from: absolute paths of folders.
type Origin struct {
	Data      string `json:"data"`
	Strangers string `json:"strangers,omitempty"` // of Source.Strangers
}

// Record is what simulate.json holds.
type Record struct {
	Version int     `json:"version"`
	Origin  Origin  `json:"origin"`
	Options Options `json:"options"`
	// Listing is the SHA-256 of faces.csv, sources.csv and truth.csv, so that a source that has
	// changed is told.
	Listing    string              `json:"listing"`
	Images     int                 `json:"images"`
	Identities int                 `json:"identities"`
	HeldBack   []string            `json:"held_back,omitempty"` // escaped
	Simulated  map[truth.Issue]int `json:"simulated"`           // rows of the truth by issue
}

const recordVersion = 1

// ErrTaken means that a folder holds something else than the set that is to be written.
var ErrTaken = errors.New("name a folder that is absent or empty")

// ErrInside means that a set would be written into its own source.
var ErrInside = errors.New("a set is not written into its source")

// files are the tables of a set, and its record.
type files struct{ manifest, sources, truth, record []byte }

// Write makes a set's folder: links to the images, the truth, where each image comes
// from, and last the record. It says so where the folder holds the very set already,
// and leaves it alone. A call that ends early leaves no folder of that name.
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
	if err := r.link(ctx, filepath.Join(unfinished, FacesFolder), from); err != nil {
		return rec, false, err
	}
	for _, x := range []struct {
		name string
		data []byte
	}{{ManifestFile, f.manifest}, {TruthFile, f.truth}, {SourcesFile, f.sources}, {RecordFile, f.record}} {
		if x.data == nil {
			continue
		}
		name := filepath.Join(unfinished, filepath.FromSlash(x.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return rec, false, err
		}
		if err := os.WriteFile(name, x.data, 0o644); err != nil {
			return rec, false, err
		}
	}
	return rec, false, os.Rename(unfinished, dir)
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
	if f.manifest, err = r.manifest(); err != nil {
		return f, rec, err
	}
	h := sha256.New()
	h.Write(f.manifest)
	h.Write(f.sources)
	h.Write(f.truth)
	rec = Record{Version: recordVersion, Origin: from, Options: o, Listing: hex.EncodeToString(h.Sum(nil)),
		Images: len(r.Entries), Identities: r.Identities, Simulated: r.Counts()}
	for _, n := range r.HeldBack {
		rec.HeldBack = append(rec.HeldBack, schemas.EscapePath(n))
	}
	data, err := json.MarshalIndent(rec, "", "  ")
	f.record = append(data, '\n')
	return f, rec, err
}

// of returns the folder that an entry's image stands in.
func (f Origin) of(e Entry) string {
	if e.Stranger {
		return f.Strangers
	}
	return f.Data
}

// link makes a link for each image of the set.
func (r *Result) link(ctx context.Context, faces string, from Origin) error {
	folder := ""
	for _, e := range r.Entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := filepath.Join(faces, filepath.FromSlash(e.Path))
		if d := filepath.Dir(name); d != folder {
			if err := os.MkdirAll(d, 0o755); err != nil {
				return err
			}
			folder = d
		}
		if err := os.Symlink(filepath.Join(from.of(e), filepath.FromSlash(e.Image.Path)), name); err != nil {
			return err
		}
	}
	return nil
}

// taken says whether a folder holds the set with a record already; anything else in
// it is an error.
func taken(dir string, record []byte) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrTaken, err)
	}
	found, err := os.ReadFile(filepath.Join(dir, RecordFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("%s is not empty and holds no simulated set; %w", dir, ErrTaken)
	case err != nil:
		return false, err
	case !bytes.Equal(found, record):
		return false, fmt.Errorf("%s holds another simulated set; %w, or remove this one", dir, ErrTaken)
	}
	return true, nil
}

// Outside refuses a folder inside a source, however it is called (ErrInside).
func Outside(dir string, from Origin) error {
	target, err := unlinked(dir)
	if err != nil {
		return origin.Errorf("simulate", "%w", err)
	}
	for _, s := range []string{from.Data, from.Strangers} {
		if s == "" {
			continue
		}
		source, err := unlinked(s)
		if err != nil {
			return origin.Errorf("simulate", "%w", err)
		}
		if target == source || strings.HasPrefix(target, strings.TrimSuffix(source, "/")+"/") {
			return origin.Errorf("simulate", "%s stands in %s: %w, which is never changed", dir, s, ErrInside)
		}
	}
	return nil
}

// unlinked returns an absolute path without links, of a file that may be absent.
func unlinked(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		found, err := filepath.EvalSymlinks(full)
		if err == nil {
			return filepath.Join(found, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || full == filepath.Dir(full) {
			return "", err
		}
		rest, full = filepath.Join(filepath.Base(full), rest), filepath.Dir(full)
	}
}
