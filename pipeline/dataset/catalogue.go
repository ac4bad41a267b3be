package dataset

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
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

// LoadCatalogue reads the built-in catalogue and the user's over it: the file at
// path, which must be there, or where path is "" datasets.yaml in the facesieve
// folder of the user's configuration ($XDG_CONFIG_HOME), which need not.
func LoadCatalogue(path string) (Catalogue, error) {
	c := Catalogue{entries: map[string]Entry{}, file: path}
	if err := c.add(builtIn, ""); err != nil {
		return Catalogue{}, fmt.Errorf("dataset: built-in catalogue: %w", err)
	}
	if path == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return c, nil // a user without a home has no catalogue
		}
		c.file = filepath.Join(config, "facesieve", "datasets.yaml")
	}
	data, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) && path == "" {
		return c, nil
	}
	if err != nil {
		return Catalogue{}, fmt.Errorf("dataset: read catalogue: %w", err)
	}
	if err := c.add(data, filepath.Dir(c.file)); err != nil {
		return Catalogue{}, fmt.Errorf("dataset: catalogue %s: %w", c.file, err)
	}
	return c, nil
}

// add merges entries over those there are. Relative folders are below dir.
func (c Catalogue) add(data []byte, dir string) error {
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
			if dir != "" && e.Data != "" && !strings.Contains(e.Data, "://") && e.Data[0] != '$' && !filepath.IsAbs(e.Data) {
				e.Data = filepath.Join(dir, e.Data)
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
		return Entry{}, fmt.Errorf("dataset: unknown data set %q: known are %s; add your own to %s, as: %s: {data: /path/to/it}",
			name, known, c.location(), name)
	}
	e.file = c.location()
	return e, nil
}

// location says where a user's entries stand.
func (c Catalogue) location() string {
	if c.file == "" {
		return "a file given by --datasets"
	}
	return c.file
}

// Locate returns the URL of the entry's data. A local folder must be there: the error
// says where was looked and the line to add to the catalogue.
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
			return "", fmt.Errorf("dataset: %s: %w", e.Name, err)
		}
		_, err = os.Stat(name)
		if err == nil {
			return url, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("dataset: %s: %w", e.Name, err)
		}
		looked = "nothing at " + name
	}
	file := e.file
	if file == "" {
		file = "your datasets.yaml"
	}
	return "", fmt.Errorf("dataset: %s: %w: %s; give --data URL, or add to %s the line: %s: {data: /path/to/%s}",
		e.Name, fs.ErrNotExist, looked, file, e.Name, e.Name)
}
