// Package k8s holds the manifests of a run on Kubernetes, as files for kustomize.
package k8s

import "embed"

// Files returns the manifests: base, components and overlays, as README.md describes
// them.
func Files() embed.FS { return files }

//go:embed base components overlays README.md
var files embed.FS
