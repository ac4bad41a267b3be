package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
	"sigs.k8s.io/yaml"
)

// Schemas are those of custom resources.
type Schemas map[schema.GroupVersionKind]*Schema

// Schema says what a custom resource may hold.
type Schema struct{ root spec.Schema }

// definitions are the Go modules that hold definitions of custom resources: the text of
// a module, with the hash that its checksum database has of it, and the files there.
func definitions() []definition {
	return []definition{
		{"sigs.k8s.io/kueue@v0.17.0", "h1:7hzb38M4eKGzYW+CFv2s1L+swzzacUCHOCXxZmAV90I=", "config/components/crd/bases/*.yaml"},
		{"sigs.k8s.io/jobset@v0.10.1", "h1:u8QKifNsrWVrlRFe6w2ofYTqFT9ma2DRHxfeB2m9xyU=", "config/components/crd/bases/*.yaml"},
		{"github.com/kedacore/keda/v2@v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=", "config/crd/bases/*.yaml"},
		{"github.com/prometheus-operator/prometheus-operator@v0.85.0", "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
			"example/prometheus-operator-crd/*.yaml"},
	}
}

type definition struct{ module, sum, files string }

// LoadSchemas reads the schemas out of the modules, which go fetches where they are not
// in its cache.
func LoadSchemas(ctx context.Context) (Schemas, error) {
	all := Schemas{}
	for _, d := range definitions() {
		folder, err := d.fetch(ctx)
		if err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(folder, d.files))
		if err != nil || len(files) == 0 {
			return nil, errors.Join(fmt.Errorf("%s: no definitions in %s", d.module, d.files), err)
		}
		for _, file := range files {
			if err := all.add(file); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return all, nil
}

// fetch returns the folder that the module stands in. No package of it is imported, so
// it is no requirement of this module.
func (d definition) fetch(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", d.module).Output()
	var got struct{ Dir, Sum, Error string }
	if wrong := json.Unmarshal(out, &got); wrong != nil {
		return "", fmt.Errorf("go mod download %s: %w", d.module, errors.Join(err, wrong))
	}
	if got.Error != "" {
		return "", fmt.Errorf("go mod download %s: %s", d.module, got.Error)
	}
	if got.Sum != d.sum {
		return "", fmt.Errorf("%s has the hash %s, not %s", d.module, got.Sum, d.sum)
	}
	return got.Dir, nil
}

// add reads the definitions of a file.
func (s Schemas) add(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		var crd struct {
			Kind string
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Served bool
					Schema struct {
						OpenAPIV3Schema spec.Schema `json:"openAPIV3Schema"`
					}
				}
			}
		}
		if err := yaml.Unmarshal(document, &crd); err != nil {
			return err
		}
		for _, v := range crd.Spec.Versions {
			if crd.Kind == "CustomResourceDefinition" && v.Served {
				kind := schema.GroupVersionKind{Group: crd.Spec.Group, Version: v.Name, Kind: crd.Spec.Names.Kind}
				s[kind] = &Schema{v.Schema.OpenAPIV3Schema}
			}
		}
	}
	return nil
}

// Check returns what is wrong with an object: fields that the schema lacks, which a
// server would drop without a word, and values that it does not allow.
func (s *Schema) Check(object map[string]any) error {
	var wrong []error
	for _, path := range unknown(&s.root, object, "") {
		wrong = append(wrong, errors.New("unknown field "+path))
	}
	result := validate.NewSchemaValidator(&s.root, nil, "", strfmt.Default).Validate(object)
	return errors.Join(append(wrong, result.Errors...)...)
}

// unknown returns the paths of fields in a value that its schema lacks.
func unknown(s *spec.Schema, value any, path string) (paths []string) {
	if keep, _ := s.Extensions.GetBool("x-kubernetes-preserve-unknown-fields"); keep {
		return nil
	}
	switch value := value.(type) {
	case []any:
		for i, v := range value {
			if s.Items != nil && s.Items.Schema != nil {
				paths = append(paths, unknown(s.Items.Schema, v, fmt.Sprintf("%s[%d]", path, i))...)
			}
		}
	case map[string]any:
		for name, v := range value {
			field, known := s.Properties[name]
			switch {
			case known:
				paths = append(paths, unknown(&field, v, path+"."+name)...)
			case s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil:
				paths = append(paths, unknown(s.AdditionalProperties.Schema, v, path+"."+name)...)
			case path == ".metadata": // a server knows it for every kind
			default:
				paths = append(paths, path+"."+name)
			}
		}
	}
	slices.Sort(paths)
	return paths
}
