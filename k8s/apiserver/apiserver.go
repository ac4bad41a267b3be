// Package apiserver tests the manifests beside it on a real Kubernetes API without a
// container: etcd, the API server, the controllers and the scheduler run on loopback,
// and kwok plays the kubelets of nodes on which pods end as a test says.
package apiserver
