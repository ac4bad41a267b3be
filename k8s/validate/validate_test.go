package validate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// folders are all that can be applied: the overlays, and one for each component that no
// overlay has.
func folders(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../overlays/*", "testdata/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) < 8 {
		t.Fatalf("only %q", all)
	}
	return all
}

func decoder(t *testing.T) *Decoder {
	t.Helper()
	custom, err := LoadSchemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDecoder(custom)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// All that can be applied is made of known fields, and keeps the rules.
func TestFolders(t *testing.T) {
	d := decoder(t)
	for _, folder := range folders(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			texts, err := Render(filesys.MakeFsOnDisk(), folder)
			if err != nil {
				t.Fatal(err)
			}
			objects, err := d.DecodeAll(texts)
			if err != nil {
				t.Fatal(err)
			}
			wrong, err := Broken(objects)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range wrong {
				t.Error(w)
			}
		})
	}
}

// Every component stands in one of them.
func TestNoComponentIsLeftOut(t *testing.T) {
	text := ""
	for _, folder := range folders(t) {
		data, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		text += string(data)
	}
	components, err := filepath.Glob("../components/*")
	if err != nil || len(components) < 8 {
		t.Fatal(err, components)
	}
	for _, c := range components {
		if name := "components/" + filepath.Base(c); !strings.Contains(text, name+"\n") {
			t.Errorf("%s is rendered by no test", name)
		}
	}
}

// What a cluster's keeper applies by hand is made of known fields, too.
func TestByHand(t *testing.T) {
	text, err := os.ReadFile("../components/kueue/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := decoder(t)
	for _, part := range strings.Split(string(text), "\n---\n") {
		if _, err := d.Decode([]byte(part)); err != nil {
			t.Error(err)
		}
	}
}

// kinds are those of a rendering, each once.
func kinds(objects []*Object) (all []string) {
	for _, o := range objects {
		all = append(all, o.Type.Kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Custom resources are what their components are for.
func TestCustomResources(t *testing.T) {
	d := decoder(t)
	for folder, want := range map[string][]string{
		"keda": {"ScaledObject", "Deployment"}, "jobset": {"JobSet"}, "kueue": {"JobSet", "LocalQueue"},
		"monitoring": {"PodMonitor", "PrometheusRule"}, "pvc": {"PersistentVolumeClaim"},
	} {
		texts, err := Render(filesys.MakeFsOnDisk(), "testdata/"+folder)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := d.DecodeAll(texts)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range want {
			if !slices.Contains(kinds(objects), kind) {
				t.Errorf("%s: no %s in %q", folder, kind, kinds(objects))
			}
		}
	}
}
