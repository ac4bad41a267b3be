package dataset

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/store"
)

func TestCatalogue(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("FACESIEVE_DATA", "")
	c, err := LoadCatalogue(t.Context(), "", store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Find("ms-celeb-1m")
	if err != nil || !e.Aligned || e.Layout != layout.Folder || len(c.Entries()) != 4 {
		t.Errorf("%+v of %d, %v", e, len(c.Entries()), err)
	}
	if _, err := e.Locate(); err == nil || !strings.Contains(err.Error(), "$FACESIEVE_DATA is not set") {
		t.Errorf("unset: %v", err)
	}
	data := t.TempDir()
	t.Setenv("FACESIEVE_DATA", data)
	_, err = e.Locate()
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), data+"/ms-celeb-1m") {
		t.Errorf("absent: %v", err)
	}
	if want := filepath.Join(config, "facesieve", "datasets.yaml"); e.Catalogue() != want {
		t.Errorf("the user's catalogue is %s, want %s", e.Catalogue(), want)
	}
	if err := os.Mkdir(data+"/ms-celeb-1m", 0o755); err != nil {
		t.Fatal(err)
	}
	if url, err := e.Locate(); err != nil || url != data+"/ms-celeb-1m" {
		t.Errorf("%s, %v", url, err)
	}
	if _, err := c.Find("nosuch"); err == nil || !strings.Contains(err.Error(), "casia-webface, lfw, ms-celeb-1m, vggface2") {
		t.Errorf("unknown: %v", err)
	}
}

func TestCatalogueOfOnesOwn(t *testing.T) {
	file := writeFile(t, "sets.yaml", "vggface2: {data: faces/vgg}\nmine: {data: 's3://bucket/x', aligned: true}\n")
	c, err := LoadCatalogue(t.Context(), file, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	vgg, err := c.Find("vggface2")
	if err != nil || vgg.Data != filepath.Join(filepath.Dir(file), "faces/vgg") || vgg.Layout != layout.VGGFace2 || vgg.Licence == "" {
		t.Errorf("%+v, %v", vgg, err)
	}
	mine, err := c.Find("mine")
	if err != nil || !mine.Aligned {
		t.Errorf("%+v, %v", mine, err)
	}
	if url, err := mine.Locate(); err != nil || url != "s3://bucket/x" {
		t.Errorf("%s, %v", url, err)
	}
	for content, want := range map[string]string{
		"mine: {url: x}\n":                "field url not found",
		"mine: {layout: lfw}\n":           "no data",
		"mine: {data: x, layout: cube}\n": "unknown layout",
		"- a\n":                           "cannot unmarshal",
	} {
		_, err := LoadCatalogue(t.Context(), writeFile(t, "sets.yaml", content), store.S3Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "sets.yaml") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want ...%s...", content, err, want)
		}
	}
	if _, err := LoadCatalogue(t.Context(), "/no/such.yaml", store.S3Options{}); err == nil {
		t.Error("a missing file was read")
	}
}
