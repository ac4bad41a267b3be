package dataset

import (
	"os"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/schemas"
)

func FuzzManifest(f *testing.F) {
	f.Add("path,identity\na/1.jpg,a\n")
	f.Add("path,identity,offset,length,size\nb,a,1,2,3\na,a,0,-1,-1\n")
	f.Add("\ufeffpath,identity,lm1x\n\"a\nb\",\"\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		file, err := os.Open(writeFile(t, "m.csv", s))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if strings.HasPrefix(s, string(arrowMagic)) {
			return
		}
		m, err := readManifest(t.Context(), file, "m.csv")
		if err != nil {
			return
		}
		var last schemas.Image
		for im, err := range m.Rows(t.Context(), layout.Options{}) {
			if err != nil || wrongRow(im) != "" || layout.CompareRows(last, im) >= 0 {
				t.Fatalf("%+v after %+v: %v", im, last, err)
			}
			last = im
		}
	})
}

func FuzzCatalogue(f *testing.F) {
	f.Add(string(builtIn))
	f.Add("mine: {data: /x, layout: lfw}\n")
	f.Add("a: &a {data: *a}\n")
	f.Fuzz(func(t *testing.T, s string) {
		c := Catalogue{entries: map[string]Entry{}}
		if c.add([]byte(s), "/dir") != nil {
			return
		}
		for _, e := range c.Entries() {
			if e.Name == "" || e.Data == "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
