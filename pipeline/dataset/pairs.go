package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// Portrait is an image as a verification protocol names it: the Number-th of a
// person, from 1.
type Portrait struct {
	Person string // raw bytes of the identity's label
	Number int
}

// Stem returns the portrait's file name without its extension: NAME_0001.
func (p Portrait) Stem() string { return fmt.Sprintf("%s_%04d", p.Person, p.Number) }

// Key returns what finds a portrait among the images of a data set: it equals PortraitKey of
// the image's label and path.
func (p Portrait) Key() string { return p.Person + "/" + p.Stem() }

// PortraitKey returns what Key gives for an image that a protocol names.
func PortraitKey(identity, imagePath string) string {
	base := path.Base(imagePath)
	return identity + "/" + strings.TrimSuffix(base, path.Ext(base))
}

// Comparison is one pair of images of a protocol.
type Comparison struct {
	A, B Portrait
	Same bool // both are of one person
	Fold int  // from 0
}

// Protocol is the list of comparisons that a model's accuracy is measured on.
type Protocol struct {
	URL         string // where it was read
	Folds       int
	Comparisons []Comparison
}

// pairsFile is the name of LFW's list of comparisons; singleFolds is how many
// folds a list of a single set is cut into.
const (
	pairsFile   = "pairs.txt"
	singleFolds = 10
)

// ErrNoPairs means that no list of pairs stands beside a data set.
var ErrNoPairs = errors.New("no list of pairs")

// OpenProtocol reads a list in the form of LFW's pairs.txt, pairsDevTrain.txt and
// pairsDevTest.txt. With file "" it looks for pairs.txt in the data set's folder
// and in the folder above, and fails with ErrNoPairs where neither has one. A list of
// a single set is cut into ten folds.
func OpenProtocol(ctx context.Context, file string, o Options) (*Protocol, error) {
	locations := []string{file}
	if file == "" {
		locations = pairsLocations(o.URL)
	}
	for _, url := range locations {
		f, err := tree.OpenFile(ctx, url, o.S3)
		if file == "" && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, origin.Errorf("dataset", "pairs: %w", err)
		}
		p, err := parsePairs(f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, origin.Errorf("dataset", "pairs %s: %w", url, err)
		}
		p.URL = url
		return p, nil
	}
	return nil, origin.Errorf("dataset", "%w at %s: %w", ErrNoPairs, strings.Join(locations, " or "),
		fs.ErrNotExist)
}

// pairsLocations returns where the list stands beside a copy of the data set.
func pairsLocations(data string) []string {
	if bucket, ok := strings.CutPrefix(data, "s3://"); ok {
		bucket = strings.TrimRight(bucket, "/")
		locations := []string{"s3://" + bucket + "/" + pairsFile}
		if strings.Contains(bucket, "/") {
			locations = append(locations, "s3://"+path.Dir(bucket)+"/"+pairsFile)
		}
		return locations
	}
	data = strings.TrimPrefix(data, "file://")
	return []string{filepath.Join(data, pairsFile), filepath.Join(data, "..", pairsFile)}
}

// parsePairs reads a list: its first line has the number of sets (one where it is
// left out) and of pairs; then each set has so many lines "name n1 n2" of matched
// pairs and as many lines "name1 n1 name2 n2" of mismatched ones, tabs between.
func parsePairs(r io.Reader) (*Protocol, error) {
	s := layout.Lines(r)
	line, sets, each := 0, 0, 0
	p := &Protocol{}
	for s.Scan() {
		line++
		fields := pairFields(s.Text())
		if len(fields) == 0 {
			continue
		}
		if each == 0 {
			var err error
			if sets, each, err = pairsHeader(fields); err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			continue
		}
		n := len(p.Comparisons)
		if n/each >= 2*sets {
			return nil, fmt.Errorf("line %d: more than the %d sets of %d matched and %d mismatched pairs that the "+
				"first line announces", line, sets, each, each)
		}
		c := Comparison{Same: n/each%2 == 0, Fold: n / each / 2}
		if sets == 1 {
			c.Fold = n % each * singleFolds / each
		}
		if err := c.parse(fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		p.Comparisons = append(p.Comparisons, c)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if each == 0 {
		return nil, errors.New("the list is empty")
	}
	if n := len(p.Comparisons); n%each != 0 || n/each != 2*sets {
		return nil, fmt.Errorf("%d pairs; the first line announces %d sets of %d matched and %d mismatched ones",
			n, sets, each, each)
	}
	if p.Folds = sets; sets == 1 {
		p.Folds = min(singleFolds, each)
	}
	return p, nil
}

// pairFields cuts a line at its tabs; one without tabs at its blanks.
func pairFields(line string) []string {
	line = strings.Trim(strings.TrimPrefix(line, "\ufeff"), " \t\r")
	if !strings.Contains(line, "\t") {
		return strings.Fields(line)
	}
	return strings.Split(line, "\t")
}

func pairsHeader(fields []string) (sets, each int, err error) {
	sets = 1
	if len(fields) == 2 {
		sets, err = strconv.Atoi(fields[0])
		fields = fields[1:]
	}
	if err == nil && len(fields) == 1 {
		each, err = strconv.Atoi(fields[0])
	}
	const most = 1 << 24
	if err != nil || sets < 1 || each < 1 || sets > most || each > most || sets == 1 && each < 2 {
		return 0, 0, fmt.Errorf("the first line says how many sets and pairs there are, as \"10 300\" or \"1100\"; "+
			"got %.60q", strings.Join(fields, " "))
	}
	return sets, each, nil
}

// parse fills a comparison whose position in the list says whether it is matched.
func (c *Comparison) parse(fields []string) error {
	if c.Same && len(fields) == 3 {
		fields = []string{fields[0], fields[1], fields[0], fields[2]}
	} else if c.Same || len(fields) != 4 {
		want := "a mismatched pair: name1, n1, name2, n2"
		if c.Same {
			want = "a matched pair: name, n1, n2"
		}
		return fmt.Errorf("want %s; got %.80q", want, strings.Join(fields, " "))
	}
	for i, p := range []*Portrait{&c.A, &c.B} {
		n, err := strconv.Atoi(fields[2*i+1])
		if err != nil || n < 1 || fields[2*i] == "" {
			return fmt.Errorf("want a name and an image's number from 1; got %.60q, %.20q", fields[2*i], fields[2*i+1])
		}
		*p = Portrait{Person: fields[2*i], Number: n}
	}
	return nil
}
