package synth

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// source is the set or the reference as it is written.
type source struct {
	dir     string // of the images
	table   string // of the manifest
	people  int
	images  func(person int) int
	label   func(person int) (identity, name string)
	path    func(at imageIndex) string
	picture func(at imageIndex) (picture, error)
}

func (p *plan) set() source {
	return source{p.at(facesDir), p.at(facesTable), len(p.labels),
		func(i int) int { return p.labels[i].images },
		func(i int) (string, string) { return identity(i), p.labels[i].name },
		imageIndex.path, p.setPicture}
}

func (p *plan) benchmark() source {
	return source{p.at(referenceDir), p.at(referenceTable), len(p.reference),
		func(i int) int { return p.reference[i].images },
		func(i int) (string, string) { return p.reference[i].name, p.reference[i].name },
		p.referencePath, p.referencePicture}
}

// write writes all files of the set but the record. What a call before this one
// has written whole is taken over.
func (p *plan) write(ctx context.Context) error {
	m := p.made()
	c := &count{total: m.Images + m.ReferenceImages, progress: p.options.Progress}
	if err := p.writeSource(ctx, p.set(), c); err != nil {
		return err
	}
	if err := p.writeLists(ctx); err != nil {
		return err
	}
	if len(p.reference) > 0 {
		if err := p.writeSource(ctx, p.benchmark(), c); err != nil {
			return err
		}
		if err := p.writeProtocol(); err != nil {
			return err
		}
	}
	rows, err := truth.Format(p.truth())
	if err != nil {
		return err
	}
	return writeWhole(p.at(truthDir, truthTable), rows)
}

// count is how many pictures are there.
type count struct {
	done, total int
	progress    func(done, total int)
}

func (c *count) add(n int) {
	c.done += n
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
}

// writeSource draws all pictures of a source, some people at a time, and lists
// them in order. The list is the journal: people whom it has whole are not drawn
// again.
func (p *plan) writeSource(ctx context.Context, s source, c *count) (err error) {
	table, first, err := s.resume()
	if err != nil {
		return fmt.Errorf("%s: %w", s.table, err)
	}
	defer func() { err = errors.Join(err, table.Close()) }()
	for i := range first {
		c.add(s.images(i))
	}
	type job struct {
		person int
		rows   chan []byte
	}
	g, ctx := errgroup.WithContext(ctx)
	work, order := make(chan job), make(chan job, 2*p.options.Parallel)
	g.Go(func() error {
		defer close(work)
		defer close(order)
		for i := first; i < s.people; i++ {
			j := job{i, make(chan []byte, 1)}
			for _, to := range []chan job{order, work} {
				select {
				case to <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})
	for range p.options.Parallel {
		g.Go(func() error {
			for j := range work {
				rows, err := s.writePerson(ctx, j.person)
				if err != nil {
					return err
				}
				j.rows <- rows
			}
			return nil
		})
	}
	g.Go(func() error {
		for j := range order {
			select {
			case rows := <-j.rows:
				if _, err := table.Write(rows); err != nil {
					return err
				}
				c.add(s.images(j.person))
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}

// tableHeader returns the columns of a manifest.
func tableHeader() []string {
	header := []string{"path", "identity", "name"}
	for i := range 5 {
		header = append(header, fmt.Sprintf("lm%dx", i+1), fmt.Sprintf("lm%dy", i+1))
	}
	return header
}

// writePerson draws the pictures of one person or label, and gives their rows.
func (s source) writePerson(ctx context.Context, i int) ([]byte, error) {
	var b bytes.Buffer
	rows := csv.NewWriter(&b)
	label, name := s.label(i)
	for k := range s.images(i) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at := imageIndex{i, k}
		c, err := s.picture(at)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(s.dir, filepath.FromSlash(s.path(at)))
		if k == 0 {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return nil, err
			}
		}
		if err := os.WriteFile(file, c.data, 0o644); err != nil {
			return nil, err
		}
		row := []string{s.path(at), label, name}
		for _, x := range c.landmarks {
			row = append(row, strconv.FormatFloat(float64(x), 'f', 2, 32))
		}
		if err := rows.Write(row); err != nil {
			return nil, err
		}
	}
	rows.Flush()
	return b.Bytes(), rows.Error()
}

// resume opens a source's list at the end of the people whom it has whole.
func (s source) resume() (f *os.File, people int, err error) {
	if f, err = os.OpenFile(s.table, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, 0, err
	}
	people, end, err := s.whole(f)
	if err == nil && end == 0 {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err = w.Write(tableHeader()); err == nil {
			w.Flush()
			_, err = f.WriteAt(b.Bytes(), 0)
			end = int64(b.Len())
		}
	}
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, people, nil
}

// whole returns how many people a list has whole, from the first on, and where their
// rows end; 0, 0 where it has no header. No row has a line break inside.
func (s source) whole(f io.Reader) (people int, end int64, err error) {
	lines := bufio.NewReader(f)
	at, left := int64(0), 0 // left: rows of the person that are still to come
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		at += int64(len(line))
		if errors.Is(err, io.EOF) {
			return people, end, nil
		}
		if err != nil {
			return 0, 0, err
		}
		if n > 0 {
			left--
		}
		if left > 0 {
			continue
		}
		end = at
		if n > 0 {
			people++
		}
		if people == s.people {
			return people, end, nil
		}
		left = s.images(people)
	}
}
