//go:build linux

package apiserver

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// job is what a test reads of a Job.
type job struct {
	Metadata struct{ Name, UID, ResourceVersion string }
	Spec     struct{ Parallelism int }
	Status   struct {
		Active, Ready, Failed, Succeeded int
		FailedIndexes                    string
		Conditions                       []condition
	}
}

// pod is what a test reads of a Pod.
type pod struct {
	Metadata struct {
		Name, UID         string
		DeletionTimestamp string
		Labels            map[string]string
		Annotations       map[string]string
	}
	Status struct {
		Phase             string
		Conditions        []condition
		ContainerStatuses []struct {
			State struct {
				Terminated struct {
					ExitCode int
					Message  string
				}
			}
		}
	}
}

type condition struct{ Type, Status, Reason, Message string }

// is gives the condition of this type where it is true.
func is(all []condition, kind string) (condition, bool) {
	for _, c := range all {
		if c.Type == kind && c.Status == "True" {
			return c, true
		}
	}
	return condition{}, false
}

// list reads all objects of a kind that have these labels.
func list[T any](t *testing.T, kind, labels string) []T {
	t.Helper()
	var found struct{ Items []T }
	if err := json.Unmarshal([]byte(kubectl(t, "get", kind, "--selector="+labels, "-o", "json")), &found); err != nil {
		t.Fatal(err)
	}
	return found.Items
}

// theJob reads the one Job of a component.
func theJob(t *testing.T, component string) job {
	t.Helper()
	found := list[job](t, "jobs", "app.kubernetes.io/component="+component)
	if len(found) != 1 {
		t.Fatalf("%d Jobs are %s, want one", len(found), component)
	}
	return found[0]
}

// pods reads the pods of a Job that were not told to go.
func pods(t *testing.T, name string) (found []pod) {
	t.Helper()
	for _, p := range list[pod](t, "pods", "batch.kubernetes.io/job-name="+name) {
		if p.Metadata.DeletionTimestamp == "" {
			found = append(found, p)
		}
	}
	return found
}

// running waits until all pods that a Job wants run, and gives them.
func running(t *testing.T, name string) (found []pod) {
	t.Helper()
	until(t, "the pods of "+name+" run", func() bool {
		var j job
		if err := json.Unmarshal([]byte(kubectl(t, "get", "job", name, "-o", "json")), &j); err != nil {
			t.Fatal(err)
		}
		found = nil
		for _, p := range pods(t, name) {
			if p.Status.Phase == "Running" {
				found = append(found, p)
			}
		}
		return len(found) == j.Spec.Parallelism
	})
	return found
}

// end lets a pod's container end.
func end(t *testing.T, p pod, code int, words string) {
	t.Helper()
	kubectl(t, "annotate", "pod", p.Metadata.Name, fmt.Sprintf("test/exit-code=%d", code), "test/last-words="+words)
}

// eviction is kubectl's arguments to take a pod from its node, as a drain does.
func eviction(t *testing.T, p pod) []string {
	t.Helper()
	body := filepath.Join(t.TempDir(), "eviction.json")
	text := fmt.Sprintf(`{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": %q}}`, p.Metadata.Name)
	if err := os.WriteFile(body, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return []string{"create", "--raw", "/api/v1/namespaces/facesieve/pods/" + p.Metadata.Name + "/eviction", "-f", body}
}

// applied applies an overlay and takes it away in the end, so that the next test begins
// with an empty namespace.
func applied(t *testing.T, overlay string) string {
	t.Helper()
	t.Cleanup(func() {
		for _, arguments := range [][]string{
			{"delete", "jobs,deployments,statefulsets,pods,persistentvolumeclaims", "--all", "--cascade=foreground", "--timeout=60s"},
			{"delete", "configmaps,poddisruptionbudgets,services,networkpolicies", "--all"},
		} {
			if out, said, err := shared.ask(context.Background(), arguments...); err != nil {
				t.Errorf("%v: %v: %s%s", arguments, err, out, said)
			}
		}
	})
	return kubectl(t, "apply", "-k", overlay)
}

// manifests copies the manifests, so that a test can change them, and gives the copy.
func manifests(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	for _, folder := range []string{"base", "components", "overlays"} {
		if err := os.CopyFS(filepath.Join(to, folder), os.DirFS(filepath.Join("..", folder))); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// overlay adds to the copied manifests an overlay that changes another one.
func overlay(t *testing.T, copied, patch string) string {
	t.Helper()
	folder := filepath.Join(copied, "overlays", "changed")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "resources: [../cpu]\npatches:\n  - target: {kind: Job, name: worker}\n    patch: '[" + patch + "]'\n"
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

// replace changes a file of the copied manifests.
func replace(t *testing.T, path, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), old) != 1 {
		t.Fatalf("%s does not have %q once", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, replacement, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
