//go:build linux

package apiserver

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOverlays applies every overlay: the server checks it without a warning, its pods
// are let in under the restricted profile and find a node, and applied again it changes
// nothing.
func TestOverlays(t *testing.T) {
	overlays, err := filepath.Glob("../overlays/*/kustomization.yaml")
	if err != nil || len(overlays) < 3 {
		t.Fatalf("overlays %q, %v; want three", overlays, err)
	}
	for _, path := range overlays {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			kubectl(t, "apply", "-f", "../base/namespace.yaml")
			kubectl(t, "apply", "--dry-run=server", "-k", folder)
			applied(t, folder)
			jobs := list[job](t, "jobs", "app.kubernetes.io/name=facesieve")
			if len(jobs) < 2 {
				t.Fatalf("%d Jobs, want a coordinator and workers", len(jobs))
			}
			for _, j := range jobs {
				running(t, j.Metadata.Name)
			}
			until(t, "NATS runs", func() bool {
				nats := list[pod](t, "pods", "app.kubernetes.io/component=nats")
				return len(nats) > 0 && !slices.ContainsFunc(nats, func(p pod) bool { return p.Status.Phase != "Running" })
			})
			before := generations(t)
			kubectl(t, "apply", "-k", folder)
			if after := generations(t); after != before {
				t.Errorf("before\n%s\napplied again\n%s", before, after)
			}
		})
	}
}

// generations says of which generation each object is: the server counts one up where a
// specification changes. kubectl calls some objects "configured" for which it sends what
// the server has, such as an empty value of a variable, and nothing changes.
func generations(t *testing.T) string {
	t.Helper()
	return kubectl(t, "get", "jobs,deployments,statefulsets,poddisruptionbudgets,networkpolicies,configmaps,services,serviceaccounts",
		"-o", `jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation}{"\n"}{end}`)
}

// definition finds the Go modules with definitions of custom resources, and the files
// there, in the list that the tests of decoding have.
var definition = regexp.MustCompile(`\{"([^"]+@v[^"]+)", "h1:[^"]+",\s+"([^"]+)"\}`)

// TestComponents: with the operators' definitions the server takes every component.
func TestComponents(t *testing.T) {
	list, err := os.ReadFile("../validate/crds.go")
	if err != nil {
		t.Fatal(err)
	}
	found := definition.FindAllStringSubmatch(string(list), -1)
	if len(found) < 4 {
		t.Fatalf("%d modules with definitions in validate/crds.go, want 4", len(found))
	}
	for _, d := range found {
		files, err := filepath.Glob(filepath.Join(download(t, d[1]), d[2]))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no definitions in %s: %v", d[1], d[2], err)
		}
		kubectl(t, "apply", "--server-side", "--filename="+strings.Join(files, ","))
	}
	kubectl(t, "wait", "--for=condition=Established", "--timeout=120s", "customresourcedefinitions", "--all")
	kubectl(t, "apply", "-f", "../base/namespace.yaml")
	components, err := filepath.Glob("../validate/testdata/*/kustomization.yaml")
	if err != nil || len(components) < 5 {
		t.Fatalf("components %q, %v; want five", components, err)
	}
	for _, path := range components {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			kubectl(t, "apply", "--dry-run=server", "-k", folder)
		})
	}
}

// download gives the folder of a module in go's cache.
func download(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module).Output()
	var got struct{ Dir, Error string }
	if wrong := json.Unmarshal(out, &got); wrong != nil || got.Error != "" {
		t.Fatalf("go mod download %s: %v %v %s", module, err, wrong, got.Error)
	}
	return got.Dir
}

// TestChangedRequest: a changed request makes other Jobs and leaves those alone that are
// there.
func TestChangedRequest(t *testing.T) {
	copied := manifests(t)
	folder := filepath.Join(copied, "overlays", "cpu")
	applied(t, folder)
	before := list[job](t, "jobs", "app.kubernetes.io/component=coordinator")
	replace(t, filepath.Join(folder, "run.yaml"), "  aligned: true\n", "  aligned: true\n  drop: .99\n")
	kubectl(t, "apply", "-k", folder)
	after := list[job](t, "jobs", "app.kubernetes.io/component=coordinator")
	if len(before) != 1 || len(after) != 2 ||
		!slices.ContainsFunc(after, func(j job) bool { return j.Metadata.UID == before[0].Metadata.UID }) {
		t.Errorf("coordinators before: %+v, after: %+v", before, after)
	}
	if workers := list[job](t, "jobs", "app.kubernetes.io/component=worker"); len(workers) != 2 {
		t.Errorf("%d Jobs are workers, want 2", len(workers))
	}
}

// TestMistakes: what decoding can't see the server refuses.
func TestMistakes(t *testing.T) {
	applied(t, "../overlays/cpu")
	copied := manifests(t)
	const template = `"path": "/spec/template/spec/`
	refused(t, `spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`, "apply", "-k",
		overlay(t, copied, `{"op": "replace", `+template+`restartPolicy", "value": "Always"}`))
	refused(t, "unknown field", "apply", "-k",
		overlay(t, copied, `{"op": "add", `+template+`restartPolice", "value": "Never"}`))

	before := list[job](t, "jobs", "app.kubernetes.io/component=worker")
	_, said, err := shared.ask(t.Context(), "apply", "-k",
		overlay(t, copied, `{"op": "replace", `+template+`securityContext/runAsNonRoot", "value": false},`+
			`{"op": "replace", `+template+`securityContext/runAsUser", "value": 0}`))
	if err != nil || !strings.Contains(said, `would violate PodSecurity "restricted:latest"`) {
		t.Errorf("a Job of root's: %v: %s", err, said)
	}
	for _, j := range list[job](t, "jobs", "app.kubernetes.io/component=worker") {
		if slices.ContainsFunc(before, func(b job) bool { return b.Metadata.UID == j.Metadata.UID }) {
			continue
		}
		until(t, "the pods of root's Job are refused", func() bool {
			return strings.Contains(kubectl(t, "get", "events", "--field-selector=involvedObject.uid="+j.Metadata.UID),
				`violates PodSecurity "restricted:latest": runAsNonRoot != true`)
		})
		if p := pods(t, j.Metadata.Name); len(p) > 0 {
			t.Errorf("a pod of root's was let in: %+v", p)
		}
		return
	}
	t.Error("there is no Job of root's")
}
