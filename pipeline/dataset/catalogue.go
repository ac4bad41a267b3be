package dataset

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
)

// Entry is a data set known by name.
type Entry struct {
	Name        string
	Layout      string // "": found out by looking
	Data        string // folder or URL, $VARIABLES not filled in
	Aligned     bool   // the images are aligned 112x112 crops
	Licence     string
	Source      string // where to get it
	Description string

	file string // the user's catalogue, where a line is to be added
}

// Catalogue is the known data sets: the built-in ones and the user's.
type Catalogue struct {
	entries map[string]Entry
	file    string
}

//go:embed datasets.yaml
var builtIn []byte

// written is an entry as it stands in a file; nil leaves a field as it was.
type written struct {
	Layout      *string `yaml:"layout"`
	Data        *string `yaml:"data"`
	Aligned     *bool   `yaml:"aligned"`
	Licence     *string `yaml:"licence"`
	Source      *string `yaml:"source"`
	Description *string `yaml:"description"`
}

// LoadCatalogue reads the built-in catalogue and the user's over it: the file at a
// path, file:// or s3:// URL, which must be there, or where url is "" datasets.yaml
// in the facesieve folder of the user's configuration ($XDG_CONFIG_HOME), which
// need not.
func LoadCatalogue(ctx context.Context, url string, s3 store.S3Options) (Catalogue, error) {
	c := Catalogue{entries: map[string]Entry{}, file: url}
	if err := c.add(builtIn, ""); err != nil {
		return Catalogue{}, origin.Errorf("dataset", "built-in catalogue: %w", err)
	}
	if url == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return c, nil // a user without a home has no catalogue
		}
		c.file = filepath.Join(config, "facesieve", "datasets.yaml")
	}
	data, folder, err := readCatalogue(ctx, c.file, s3)
	if errors.Is(err, fs.ErrNotExist) && url == "" {
		return c, nil
	}
	if err != nil {
		return Catalogue{}, origin.Errorf("dataset", "read catalogue: %w", err)
	}
	if err := c.add(data, folder); err != nil {
		return Catalogue{}, origin.Errorf("dataset", "catalogue %s: %w", c.file, err)
	}
	return c, nil
}

// readCatalogue returns a file's text and the folder that relative folders in it
// are below.
func readCatalogue(ctx context.Context, url string, s3 store.S3Options) (
	text []byte, folder string, err error) {
	f, err := tree.OpenFile(ctx, url, s3)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if strings.HasPrefix(url, "s3://") {
		folder = url[:strings.LastIndexByte(url, '/')]
	} else if name, err := tree.LocalPath(url); err == nil {
		folder = filepath.Dir(name)
	}
	text, err = io.ReadAll(f)
	return text, folder, err
}

// add merges entries over those there are. Relative folders are below folder.
func (c Catalogue) add(data []byte, folder string) error {
	var all map[string]written
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(strings.Join(strings.Fields(err.Error()), " "))
	}
	for name, w := range all {
		e := c.entries[name]
		e.Name = name
		set(&e.Layout, w.Layout)
		set(&e.Aligned, w.Aligned)
		set(&e.Licence, w.Licence)
		set(&e.Source, w.Source)
		set(&e.Description, w.Description)
		if w.Data != nil {
			e.Data = *w.Data
			if folder != "" && isRelativeFolder(e.Data) {
				e.Data = below(folder, e.Data)
			}
		}
		if e.Layout != "" && !slices.Contains(layout.Names(), e.Layout) {
			return fmt.Errorf("%s: %w", name, layout.Unknown(e.Layout))
		}
		if name == "" || e.Data == "" {
			return fmt.Errorf("entry %q: no data: write where it stands, as %q", name, "data: /path/to/it")
		}
		c.entries[name] = e
	}
	return nil
}

// isRelativeFolder reports whether data stand in a folder relative to another.
func isRelativeFolder(data string) bool {
	return data != "" && !strings.Contains(data, "://") && data[0] != '$' && !filepath.IsAbs(data)
}

// below puts a relative folder below a folder or an s3:// URL.
func below(folder, name string) string {
	if bucket, ok := strings.CutPrefix(folder, "s3://"); ok {
		return "s3://" + path.Join(bucket, name)
	}
	return filepath.Join(folder, name)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Entries returns all data sets, ordered by name.
func (c Catalogue) Entries() []Entry {
	var out []Entry
	for _, name := range slices.Sorted(maps.Keys(c.entries)) {
		out = append(out, c.entries[name])
	}
	return out
}

// Find returns the data set of a name; the error for an unknown one lists those known.
func (c Catalogue) Find(name string) (Entry, error) {
	e, ok := c.entries[name]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(c.entries)), ", ")
		return Entry{}, origin.Errorf("dataset",
			"unknown data set %q: known are %s; add your own to %s, as: %s: {data: "+
				"/path/to/it}",
			name, known, c.location(), name)
	}
	e.file = c.location()
	return e, nil
}

// location says where a user's entries stand.
func (c Catalogue) location() string {
	if c.file == "" {
		return "a catalogue file of your own"
	}
	return c.file
}

// Catalogue returns the file in which users say where their copy of the entry's data
// stands.
func (e Entry) Catalogue() string {
	if e.file == "" {
		return "your datasets.yaml"
	}
	return e.file
}

// Locate returns the URL of the entry's data. A local folder must be there: the error
// says where was looked, and is fs.ErrNotExist.
func (e Entry) Locate() (string, error) {
	var unset []string
	url := os.Expand(e.Data, func(v string) string {
		x := os.Getenv(v)
		if x == "" {
			unset = append(unset, v)
		}
		return x
	})
	looked := ""
	switch {
	case len(unset) > 0:
		looked = fmt.Sprintf("it is looked for at %s, and $%s is not set", e.Data, unset[0])
	case strings.HasPrefix(url, "s3://"):
		return url, nil
	default:
		name, err := tree.LocalPath(url)
		if err != nil {
			return "", origin.Errorf("dataset", "%s: %w", e.Name, err)
		}
		_, err = os.Stat(name)
		if err == nil {
			return url, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", origin.Errorf("dataset", "%s: %w", e.Name, err)
		}
		looked = "nothing at " + name
	}
	return "", origin.Errorf("dataset", "%s: %w: %s", e.Name, fs.ErrNotExist, looked)
}
