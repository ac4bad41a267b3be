package validate

import (
	"strings"
	"testing"
)

// Mistakes that somebody may make are each found.
func TestMistakes(t *testing.T) {
	d := decoder(t)
	const worker, coordinator, gpu = "base/worker.yaml", "base/coordinator.yaml", "overlays/gpu/gpu.yaml"
	for _, c := range []struct{ name, file, from, to, want string }{
		{"restart", worker, "restartPolicy: Never", "restartPolicy: Always", "restartPolicy Always, not Never"},
		{"root", worker, "runAsUser: 65534", "runAsUser: 0", "may run as root"},
		{"root is not refused", coordinator, "runAsNonRoot: true", "runAsNonRoot: false", "may run as root"},
		{"a container's own user", worker, "allowPrivilegeEscalation: false",
			"allowPrivilegeEscalation: false\n            runAsUser: 0", "may run as root"},
		{"rights", worker, "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "may gain rights"},
		{"capabilities", worker, "drop: [ALL]", "drop: [NET_RAW]", "has capabilities"},
		{"root's files", coordinator, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false",
			"may write to its root"},
		{"a secret in a variable", worker, "            - name: TMPDIR\n              value: /tmp",
			"            - name: AWS_SECRET_ACCESS_KEY\n              value: wJalrXUtnFEMI", "a secret inline in AWS_SECRET"},
		{"a secret in a URL", coordinator, "--nats=$(NATS)", "--nats=nats://me:secret@nats:4222",
			"a secret inline in its arguments"},
		{"a Secret", "base/request.yaml", "kind: ConfigMap", "kind: Secret", "a secret inline"},
		{"a Secret that nobody makes", worker, "name: facesieve-s3", "name: s3", "nobody makes a Secret s3"},
		{"no limits", worker, "            limits:\n              cpu: \"4\"\n              memory: 4Gi\n" +
			"              ephemeral-storage: 4Gi\n", "", "no limit of memory"},
		{"a heap without bounds", gpu, "value: 8GiB", "value: 20GiB", "GOMEMLIMIT 20GiB in 16Gi"},
		{"a folder without bounds", worker, "emptyDir:\n            sizeLimit: 1Gi", "emptyDir: {}", "has no sizeLimit"},
		{"no hash", coordinator, "needsHashSuffix: enabled", "needsHashSuffix: disabled",
			"Job coordinator: no hash in the name"},
		{"a token", worker, "automountServiceAccountToken: false", "automountServiceAccountToken: true",
			"a token is mounted"},
		{"evictions", worker, "type: DisruptionTarget", "type: Ready", "a disruption counts as a failure"},
		{"usage", worker, "values: [64]", "values: [2]", "exit code 64 does not end it"},
		{"a rule for no container", worker, "containerName: worker\n          operator: In\n          values: [64]",
			"containerName: main\n          operator: In\n          values: [64]", "names no container"},
		{"two pods at once", coordinator, "podReplacementPolicy: Failed", "podReplacementPolicy: TerminatingOrFailed",
			"podReplacementPolicy is not Failed"},
		{"killed early", worker, "terminationGracePeriodSeconds: 30", "terminationGracePeriodSeconds: 20",
			"killed before --grace 20s is over"},
		{"a port without a name", worker, "- name: metrics", "- name: http", `a probe asks port "metrics"`},
		{"an account that is not there", "base/accounts.yaml", "name: worker", "name: workers",
			"there is no ServiceAccount worker"},
		{"a field of nobody", worker, "podReplacementPolicy", "replacementPolicy", `unknown field "spec.replacementPolicy"`},
		{"a value of another type", worker, "terminationGracePeriodSeconds: 30",
			"terminationGracePeriodSeconds: 30s", "cannot unmarshal string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := tree(t)
			change(t, files, c.file, c.from, c.to)
			mistaken(t, d, renderTexts(t, files, "overlays/gpu"), c.want)
		})
	}
}

// Mistakes in custom resources are found by their schemas.
func TestCustomMistakes(t *testing.T) {
	d := decoder(t)
	for _, c := range []struct{ folder, file, from, to, want string }{
		{"keda", "components/keda/template/scaledobject.yaml", "cooldownPeriod: 300", "coolDown: 300",
			"unknown field .spec.coolDown"},
		{"keda", "components/keda/template/scaledobject.yaml", "    name: worker\n  minReplicaCount",
			"    kind: Deployment\n  minReplicaCount", "spec.scaleTargetRef.name"},
		{"jobset", "components/jobset/spec/jobset.yaml", "operator: All", "operator: Some", "spec.successPolicy.operator"},
		{"kueue", "components/kueue/queue.yaml", "clusterQueue:", "queue:", "unknown field .spec.queue"},
		{"monitoring", "components/monitoring/podmonitor.yaml", "interval: 15s", "every: 15s",
			"unknown field .spec.podMetricsEndpoints[0].every"},
	} {
		t.Run(c.folder, func(t *testing.T) {
			files := tree(t)
			change(t, files, c.file, c.from, c.to)
			mistaken(t, d, renderTexts(t, files, "validate/testdata/"+c.folder), c.want)
		})
	}
}

// A password that a reference gives is none in the text.
func TestReferencesAreNoSecrets(t *testing.T) {
	if url := "tls://worker:$(NATS_PASSWORD)@nats:4222"; secretURL.MatchString(url) {
		t.Errorf("%s is called a secret", url)
	}
}

// mistaken fails unless decoding or the rules say what is wanted.
func mistaken(t *testing.T, d *Decoder, texts [][]byte, want string) {
	t.Helper()
	objects, err := d.DecodeAll(texts)
	wrong, failed := Broken(objects)
	if failed != nil {
		t.Fatal(failed)
	}
	said := strings.Join(wrong, "\n")
	if err != nil {
		said += "\n" + err.Error()
	}
	if !strings.Contains(said, want) {
		t.Errorf("nobody says %q, but\n%s", want, said)
	}
}
