package validate

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// coordinator k8s render writes what somebody gets who edits an overlay's run.yaml.
func TestWrittenFolders(t *testing.T) {
	program := filepath.Join(t.TempDir(), "coordinator")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./coordinator")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d := decoder(t)
	for overlay, c := range map[string]struct {
		args  []string
		edits [][2]string
	}{
		"cpu": {
			[]string{"--data", "s3://sets/mine", "--reference", "lfw=s3://sets/lfw", "--reference", "ijb=s3://sets/ijb",
				"--drop", ".99", "--store", "s3://results/mine", "--workers", "3", "--s3-endpoint", "https://minio:443"},
			[][2]string{
				{"  data: s3://sets/ms1m\n  aligned: true\n", "  data: s3://sets/mine\n"},
				{"    - lfw=s3://sets/lfw\n", "    - lfw=s3://sets/lfw\n    - ijb=s3://sets/ijb\n  drop: 0.99\n"},
				{"store: s3://results/ms1m", "store: s3://results/mine"}, {"\nworkers: 8", "\nworkers: 3"},
				{`endpoint: ""`, `endpoint: "https://minio:443"`},
			},
		},
		"gpu": {
			[]string{"--dataset", "vggface2", "--data", "s3://sets/mine", "--mirror", "--store", "s3://results/mine",
				"--workers", "16", "--gpu", "--gpu-type", "NVIDIA-A100-SXM4-80GB", "--cpu-workers", "2", "--region", "eu-west-1"},
			[][2]string{
				{"  data: s3://sets/vggface2\n  dataset: vggface2\n  reference:\n    - lfw=s3://sets/lfw\n" +
					"  model: mobilefacenet\n  detector: yunet\n",
					"  dataset: vggface2\n  data: s3://sets/mine\n  mirror: true\n"},
				{"store: s3://results/vggface2", "store: s3://results/mine"}, {"\nworkers: 8", "\nworkers: 16"},
				{"gpu: NVIDIA-L4", "gpu: NVIDIA-A100-SXM4-80GB"}, {"cpu-workers: 4", "cpu-workers: 2"},
				{"region: us-east-1", "region: eu-west-1"},
			},
		},
	} {
		t.Run(overlay, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "mine")
			render := exec.CommandContext(t.Context(), program, append([]string{"k8s", "render", "--out", folder}, c.args...)...)
			if out, err := render.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			written, err := Render(filesys.MakeFsOnDisk(), folder)
			if err != nil {
				t.Fatal(err)
			}
			byHand := tree(t)
			for _, edit := range c.edits {
				change(t, byHand, "overlays/"+overlay+"/run.yaml", edit[0], edit[1])
			}
			want := bytes.Join(renderTexts(t, byHand, "overlays/"+overlay), []byte("---\n"))
			if got := bytes.Join(written, []byte("---\n")); !bytes.Equal(got, want) {
				t.Errorf("written:\n%s\nby hand:\n%s", got, want)
			}
			objects, err := d.DecodeAll(written)
			if err != nil {
				t.Fatal(err)
			}
			if wrong, err := Broken(objects); err != nil || len(wrong) > 0 {
				t.Error(err, wrong)
			}
			text, err := os.ReadFile(filepath.Join(folder, "run.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			edited, err := byHand.ReadFile("/k8s/overlays/" + overlay + "/run.yaml")
			if err != nil || !bytes.Equal(text, edited) {
				t.Errorf("%v: run.yaml:\n%s\nby hand:\n%s", err, text, edited)
			}
		})
	}
}
