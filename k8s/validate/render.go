// Package validate renders what kubectl apply -k would apply, decodes it strictly into
// Kubernetes' own types, and holds it to rules of the house.
package validate

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Render returns the objects that kustomize makes of a folder, each as YAML, in the
// order in which they are applied.
func Render(files filesys.FileSystem, folder string) ([][]byte, error) {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy // as kubectl does
	all, err := krusty.MakeKustomizer(options).Run(files, folder)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", folder, err)
	}
	var objects [][]byte
	for _, r := range all.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return nil, fmt.Errorf("render %s: %s: %w", folder, r.CurId(), err)
		}
		objects = append(objects, text)
	}
	return objects, nil
}
