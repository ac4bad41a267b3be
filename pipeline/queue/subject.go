package queue

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// Subjects and streams of a run:
//
//	facesieve-RUN                                   the stream
//	facesieve.RUN.task.POOL.STAGE.SOURCE.SHARD.PART a task
//	facesieve.RUN.word.SEQUENCE.DELIVERY            word that a delivery was given back
//	facesieve.RUN.word.claim.N                      which coordinator begins the run, for the N-th time
//	facesieve.RUN.word.begun.N                      that it has done so
//	facesieve.RUN.worker.NAME                       what a worker says of itself; not in the stream
//	facesieve.RUN.coordinator.TOKEN                 whether that coordinator is at work; not in the stream
//	facesieve.RUN.coordinator.any                   whether any is; not in the stream
const (
	root         = "facesieve"
	streamPrefix = root + "-"
)

func streamName(run schemas.RunID) string { return streamPrefix + string(run) }

func runSubject(run schemas.RunID, rest string) string {
	return root + "." + string(run) + "." + rest
}

func taskSubject(t schemas.Task) string {
	return runSubject(t.Run, strings.Join([]string{
		"task", string(t.Stage.Pool()), token(string(t.Stage)), token(string(t.Source)), strconv.Itoa(t.Shard), strconv.Itoa(t.Part),
	}, "."))
}

func wordSubject(run schemas.RunID, sequence uint64, delivery string) string {
	return runSubject(run, "word."+strconv.FormatUint(sequence, 10)+"."+delivery)
}

// claimSubject names the n-th claim; "*" stands for every one.
func claimSubject(run schemas.RunID, n string) string { return runSubject(run, "word.claim."+n) }

// begunSubject says that the n-th claim's coordinator has begun; "*" stands for every one.
func begunSubject(run schemas.RunID, n string) string { return runSubject(run, "word.begun."+n) }

// anyCoordinator is the token on which every coordinator answers.
const anyCoordinator = "any"

func coordinatorSubject(run schemas.RunID, token string) string {
	return runSubject(run, "coordinator."+token)
}

func workerSubject(run schemas.RunID, worker string) string {
	return runSubject(run, "worker."+token(worker))
}

// token writes any string as one token of a subject, reversibly: letters, digits,
// '-' and '_' stand for themselves, every other byte is %XX, and "" is "%".
func token(s string) string {
	if s == "" {
		return "%"
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; plain(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func plain(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// checkRun refuses a run id that can't be a part of a stream's name.
func checkRun(run schemas.RunID) error {
	if run == "" || token(string(run)) != string(run) {
		return fmt.Errorf("%q is no run id", string(run))
	}
	return nil
}
