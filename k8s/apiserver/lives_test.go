//go:build linux

package apiserver

import (
	"strings"
	"testing"
)

// failed waits until a Job has failed, and gives why.
func failed(t *testing.T, name string) string {
	t.Helper()
	kubectl(t, "wait", "--for=condition=Failed", "--timeout=120s", "job/"+name)
	return kubectl(t, "get", "job", name, "-o", `jsonpath={.status.conditions[?(@.type=="Failed")].reason}: `+
		`{.status.conditions[?(@.type=="Failed")].message}`)
}

// lastWords checks the termination message of a Job's one pod.
func lastWords(t *testing.T, name, want string) {
	t.Helper()
	got := kubectl(t, "get", "pods", "--selector=batch.kubernetes.io/job-name="+name, "-o",
		"jsonpath={.items[*].status.containerStatuses[0].state.terminated.message}")
	if got != want {
		t.Errorf("the pods' last words are %q, want %q", got, want)
	}
}

// replacement waits for the pod that comes after p.
func replacement(t *testing.T, name string, p pod) (next pod) {
	t.Helper()
	const index = "batch.kubernetes.io/job-completion-index"
	until(t, "another pod in place of "+p.Metadata.Name, func() bool {
		for _, other := range pods(t, name) {
			if other.Metadata.UID != p.Metadata.UID && other.Metadata.Labels[index] == p.Metadata.Labels[index] &&
				other.Status.Phase == "Running" {
				next = other
				return true
			}
		}
		return false
	})
	return next
}

// failures are the annotations by which the controller counts what a pod's index went
// through.
func failures(p pod) (counted, ignored string) {
	const prefix = "batch.kubernetes.io/job-index-"
	return p.Metadata.Annotations[prefix+"failure-count"], p.Metadata.Annotations[prefix+"ignored-failure-count"]
}

// TestWorkerEvicted: neither an eviction, whatever exit code it leaves, nor an end that
// somebody asked for counts as a failure.
func TestWorkerEvicted(t *testing.T) {
	applied(t, "../overlays/cpu")
	name := theJob(t, "worker").Metadata.Name
	p := running(t, name)[0]
	kubectl(t, eviction(t, p)...)
	p = replacement(t, name, p)
	if counted, ignored := failures(p); counted != "0" || ignored != "1" {
		t.Errorf("after an eviction the Job counts %s failures and ignores %s", counted, ignored)
	}
	end(t, p, 130, "interrupted")
	p = replacement(t, name, p)
	if counted, ignored := failures(p); counted != "0" || ignored != "2" {
		t.Errorf("after an interrupt, too, the Job counts %s failures and ignores %s", counted, ignored)
	}
	if _, bad := is(theJob(t, "worker").Status.Conditions, "Failed"); bad {
		t.Error("evictions have failed the Job")
	}
}

// TestWorkerRetried: a worker that fails is tried again.
func TestWorkerRetried(t *testing.T) {
	applied(t, "../overlays/cpu")
	name := theJob(t, "worker").Metadata.Name
	p := running(t, name)[0]
	end(t, p, 1, "no space left on device")
	if counted, _ := failures(replacement(t, name, p)); counted != "1" {
		t.Errorf("the Job counts %s failures, want 1", counted)
	}
	// The controller counts a little later than it acts.
	until(t, "one failure is counted", func() bool { return theJob(t, "worker").Status.Failed == 1 })
	if j := theJob(t, "worker"); j.Status.FailedIndexes != "" {
		t.Errorf("the Job is %+v", j.Status)
	}
}

// TestWorkerUsage: a wrong flag would be in every pod, so it fails the Job at once.
func TestWorkerUsage(t *testing.T) {
	applied(t, "../overlays/cpu")
	name := theJob(t, "worker").Metadata.Name
	end(t, running(t, name)[0], 64, "unknown flag: --gracee")
	if why := failed(t, name); !strings.HasPrefix(why, "PodFailurePolicy: ") || !strings.Contains(why, "exit code 64") {
		t.Errorf("the Job has failed for %s", why)
	}
	until(t, "no worker is left", func() bool {
		for _, p := range pods(t, name) {
			if p.Status.Phase == "Running" {
				return false
			}
		}
		return true
	})
}

// TestWorkersDone: the run's end, told by one worker, is the Job's.
func TestWorkersDone(t *testing.T) {
	applied(t, "../overlays/cpu")
	name := theJob(t, "worker").Metadata.Name
	end(t, running(t, name)[0], 0, "")
	kubectl(t, "wait", "--for=condition=Complete", "--timeout=120s", "job/"+name)
	until(t, "one success is counted and nobody works", func() bool {
		j := theJob(t, "worker")
		return j.Status.Succeeded == 1 && j.Status.Active == 0
	})
}

// TestCoordinatorDone: success is the Job's condition, and the pod says where the report is.
func TestCoordinatorDone(t *testing.T) {
	applied(t, "../overlays/cpu")
	const report = "s3://results/ms1m/runs/00112233445566778899aabbccddeeff/report"
	name := theJob(t, "coordinator").Metadata.Name
	end(t, running(t, name)[0], 0, report)
	kubectl(t, "wait", "--for=condition=complete", "--timeout=120s", "job", "--selector=app.kubernetes.io/component=coordinator")
	lastWords(t, name, report)
}

// TestCoordinatorFailed: what would end the same way again fails the Job at once, and the
// pod that says why stays.
func TestCoordinatorFailed(t *testing.T) {
	for code, words := range map[int]string{
		3:  "finished without 1 of 40 shards; the same command does them again: s3://results/ms1m/runs/00/report",
		64: "unknown key shards in run.yaml; coordinator run --help lists the flags",
	} {
		t.Run(words[:strings.IndexByte(words, ' ')], func(t *testing.T) {
			applied(t, "../overlays/cpu")
			name := theJob(t, "coordinator").Metadata.Name
			end(t, running(t, name)[0], code, words)
			if why := failed(t, name); !strings.HasPrefix(why, "PodFailurePolicy: ") {
				t.Errorf("the Job has failed for %s", why)
			}
			lastWords(t, name, words)
		})
	}
}

// TestCoordinatorRetried: another error may pass, so the same request is tried again.
func TestCoordinatorRetried(t *testing.T) {
	applied(t, "../overlays/cpu")
	name := theJob(t, "coordinator").Metadata.Name
	p := running(t, name)[0]
	end(t, p, 1, "store: connection refused")
	replacement(t, name, p)
	until(t, "one failure is counted", func() bool { return theJob(t, "coordinator").Status.Failed == 1 })
}

// TestCoordinatorProtected: a drain waits for the coordinator.
func TestCoordinatorProtected(t *testing.T) {
	applied(t, "../overlays/cpu")
	p := running(t, theJob(t, "coordinator").Metadata.Name)[0]
	until(t, "the budget knows the pod", func() bool {
		return kubectl(t, "get", "poddisruptionbudget", "coordinator", "-o", "jsonpath={.status.currentHealthy}") == "1"
	})
	refused(t, "disruption budget", eviction(t, p)...)
}
