package validate

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func renderTexts(t *testing.T, files filesys.FileSystem, folder string) [][]byte {
	t.Helper()
	texts, err := Render(files, "/k8s/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// jobs are the Jobs of a rendering, by their names without the hash.
func jobs(t *testing.T, d *Decoder, texts [][]byte) map[string]*batchv1.Job {
	t.Helper()
	objects, err := d.DecodeAll(texts)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*batchv1.Job{}
	for _, o := range objects {
		if j, is := o.Typed.(*batchv1.Job); is {
			all[hashed.ReplaceAllString(j.Name, "")] = j
		}
	}
	return all
}

// An unchanged request is the same to the byte; a changed one is other Jobs. What is not
// in a Job leaves its name, and where its name stays all that can't be changed stays.
func TestNames(t *testing.T) {
	d, before := decoder(t), renderTexts(t, tree(t), "overlays/gpu")
	if again := renderTexts(t, tree(t), "overlays/gpu"); !bytes.Equal(bytes.Join(again, nil), bytes.Join(before, nil)) {
		t.Error("the same request twice is two")
	}
	const run = "overlays/gpu/run.yaml"
	for _, c := range []struct{ name, file, from, to, other string }{
		{"data", run, "data: s3://sets/vggface2", "data: s3://sets/other", "coordinator worker worker-cpu"},
		{"store", run, "store: s3://results/vggface2", "store: s3://results/other", "coordinator worker worker-cpu"},
		{"region", run, "region: us-east-1", "region: eu-west-1", "coordinator worker worker-cpu"},
		{"workers", run, "\nworkers: 8", "\nworkers: 9", "worker"},
		{"GPU", run, "gpu: NVIDIA-L4", "gpu: NVIDIA-A100-SXM4-80GB", "worker"},
		{"CPU workers", run, "cpu-workers: 4", "cpu-workers: 5", "worker-cpu"},
		{"memory", "base/coordinator.yaml", "            limits:\n              cpu: \"4\"\n              memory: 8Gi",
			"            limits:\n              cpu: \"4\"\n              memory: 9Gi", "coordinator"},
		{"image", "overlays/gpu/kustomization.yaml", "newTag: cuda", "newTag: v1-cuda", "worker"},
		{"NATS", "components/nats/nats.conf", "timeout: 5\n  COORDINATOR", "timeout: 6\n  COORDINATOR", ""},
		{"a comment on the request", run, "# The one file to edit.", "# My run.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := tree(t)
			change(t, files, c.file, c.from, c.to)
			was, is := jobs(t, d, before), jobs(t, d, renderTexts(t, files, "overlays/gpu"))
			if len(is) != 3 || len(was) != 3 {
				t.Fatalf("%d and %d Jobs", len(was), len(is))
			}
			for name, job := range is {
				other := strings.Contains(" "+c.other+" ", " "+name+" ")
				if renamed := job.Name != was[name].Name; renamed != other {
					t.Errorf("%s is called %s, and was %s", name, job.Name, was[name].Name)
				}
				if !other && !reflect.DeepEqual(job, was[name]) {
					t.Errorf("%s changed under one name", job.Name)
				}
			}
		})
	}
}
