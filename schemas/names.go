package schemas

import (
	"fmt"
	"strconv"
	"strings"
)

// Objects are named here and nowhere else. A name ends in .arrow (Arrow IPC
// file) or .json, or stands for a model's or the kind's bare bytes.

// The folders at the root of a store. Everything below one of them is named by
// a function of this file.
const (
	VectorsFolder   = "vectors/"
	EmbedFolder     = "embed/"
	RowsFolder      = "rows/"
	LabelsFolder    = "labels/"
	OverridesFolder = "overrides/"
	ModelsFolder    = "models/"
	RunsFolder      = "runs/"
)

// VectorsObject is the table of embeddings with the given ContentID, in the
// folder of its FamilyID.
func VectorsObject(family, cid string) string { return VectorsFamily(family) + cid + ".arrow" }

// VectorsFamily is the prefix of the vectors objects with the given FamilyID.
func VectorsFamily(family string) string { return VectorsFolder + family + "/" }

// EmbedPointer is the pointer (type Pointer) from an EmbedID to a vectors object.
func EmbedPointer(id string) string { return EmbedFolder + id + ".json" }

// RowsObject is the table of a shard's manifest rows with the given RowsID.
func RowsObject(id string) string { return RowsFolder + id + ".arrow" }

// LabelsObject is the table of a source's identities with the given LabelsID.
func LabelsObject(id string) string { return LabelsFolder + id + ".arrow" }

// OverridesObject is the table of a person's decisions with that digest.
func OverridesObject(d Digest) string { return OverridesFolder + string(d) + ".arrow" }

// ModelObject is a model file.
func ModelObject(d Digest) string { return ModelsFolder + string(d) }

// RunFolder is the prefix of everything that belongs to one run.
func RunFolder(run RunID) string { return RunsFolder + string(run) + "/" }

// SpecObject is the run's Spec.
func SpecObject(run RunID) string { return RunFolder(run) + "spec.json" }

// SourceObject says where the run's sources stand (type SourceFile). Mutable.
func SourceObject(run RunID) string { return RunFolder(run) + "source.json" }

// TimingObject is what the run cost (type Timing). Mutable.
func TimingObject(run RunID) string { return RunFolder(run) + "timing.json" }

// PlanObject is the run's Plan.
func PlanObject(run RunID) string { return RunFolder(run) + "plan.json" }

// NumericKindObject holds the run's numeric kind: its text and a newline.
func NumericKindObject(run RunID) string { return RunFolder(run) + "numeric-kind" }

// DuplicatesObject is the table of Neighbours that are equal in every byte:
// images of the set with each other, and with those of references.
func DuplicatesObject(run RunID) string { return RunFolder(run) + "duplicates.arrow" }

// RelabelledObject is the table of vectors that a person's relabelling moves to
// another identity.
func RelabelledObject(run RunID) string { return RunFolder(run) + "relabelled.arrow" }

// MatchingObject is the calibration of comparisons between identities.
func MatchingObject(run RunID) string { return RunFolder(run) + "matching.json" }

// AggregateObject is the table of all sources' identities with their centroids.
func AggregateObject(run RunID) string { return RunFolder(run) + "aggregate.arrow" }

// CalibrationObject is the run's calibration.
func CalibrationObject(run RunID) string { return RunFolder(run) + "calibration.json" }

// MatchObject is the table of Neighbours of one shard of the set.
func MatchObject(run RunID, shard int) string {
	return fmt.Sprintf("%smatch/%05d.arrow", RunFolder(run), shard)
}

// AttemptsFolder is the prefix of a task's attempts.
func AttemptsFolder(run RunID, t Task) string { return RunFolder(run) + "attempts/" + t.Name() + "/" }

// AttemptObject is the n-th attempt (type Attempt) at a task that did not end in
// its output; n counts from 1.
func AttemptObject(run RunID, t Task, n int) string {
	return fmt.Sprintf("%s%04d.json", AttemptsFolder(run, t), n)
}

// FailureObject settles a task that is given up (type Attempt, its last one).
func FailureObject(run RunID, t Task) string { return FailuresFolder(run) + t.Name() + ".json" }

// FailuresFolder is the prefix of the run's failures.
func FailuresFolder(run RunID) string { return RunFolder(run) + "failures/" }

// TaskTimingObject is what one task cost (type TaskTiming).
func TaskTimingObject(run RunID, t Task) string { return TaskTimingsFolder(run) + t.Name() + ".json" }

// TaskTimingsFolder is the prefix of the run's task timings.
func TaskTimingsFolder(run RunID) string { return RunFolder(run) + "timings/" }

// The files of a report, below ReportFolder. The summary is written last: a
// report that has one is complete.
const (
	ImagesFolder   = "images/"
	IdentitiesFile = "identities.arrow"
	PairsFile      = "pairs.arrow"
	OverlapFile    = "overlap.arrow"
	SummaryFile    = "summary.json"
)

// ReportFolder is the prefix of the run's report.
func ReportFolder(run RunID) string { return RunFolder(run) + "report/" }

// ReportObject is one file of the run's report: IdentitiesFile, PairsFile,
// OverlapFile, SummaryFile or ImagesFile(part).
func ReportObject(run RunID, file string) string { return ReportFolder(run) + file }

// ImagesFile is the part of the report's images table that holds one shard.
func ImagesFile(part int) string { return fmt.Sprintf("%spart-%05d.arrow", ImagesFolder, part) }

// VerdictsObject is what judging a shard of the set gives: that shard's part of
// the report's images table, written in its place.
func VerdictsObject(run RunID, shard int) string { return ReportObject(run, ImagesFile(shard)) }

// Name names a task within its run: "STAGE.SOURCE.SHARD.PART", where SOURCE is
// "set" or "ref-NAME". It is safe in an object's name and in a NATS subject
// (four tokens).
func (t Task) Name() string {
	return fmt.Sprintf("%s.%s.%05d.%04d", t.Stage, t.Source.Token(), t.Shard, t.Part)
}

// ParseTaskName is the inverse of Task.Name for the tasks of one run.
func ParseTaskName(run RunID, name string) (Task, error) {
	f := strings.Split(name, ".")
	if len(f) != 4 {
		return Task{}, fmt.Errorf("schemas: task name %q: want four parts", name)
	}
	shard, err1 := strconv.Atoi(f[2])
	part, err2 := strconv.Atoi(f[3])
	t := Task{Run: run, Stage: Stage(f[0]), Shard: shard, Part: part}
	if f[1] != "set" {
		t.Source = Source(strings.TrimPrefix(f[1], "ref-"))
	}
	if err1 != nil || err2 != nil || t.Name() != name || t.Validate() != nil {
		return Task{}, fmt.Errorf("schemas: task name %q is not one", name)
	}
	return t, nil
}

// Output is the object that a finished task has made; "" for an embed task,
// whose output is EmbedPointer of its rows and kind.
func (t Task) Output() string {
	switch t.Stage {
	case StageNumericKind:
		return NumericKindObject(t.Run)
	case StageMatch:
		return MatchObject(t.Run, t.Shard)
	case StageJudge:
		return VerdictsObject(t.Run, t.Shard)
	}
	return ""
}

// Token is the source in an object's name: "set" or "ref-NAME".
func (s Source) Token() string {
	if s == Set {
		return "set"
	}
	return "ref-" + string(s)
}

// Validate refuses a source name that is not fit for object names: 1 to 64 of
// a-z, 0-9, '-' and '_', the first a letter or a digit. Set is valid.
func (s Source) Validate() error {
	if s == Set {
		return nil
	}
	ok := len(s) <= 64 && s[0] != '-' && s[0] != '_'
	for i := 0; i < len(s); i++ {
		c := s[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return fmt.Errorf("schemas: source name %q: use 1 to 64 of a-z 0-9 - _, beginning with a letter or a digit", string(s))
	}
	return nil
}

// Validate refuses a task that no plan can hold.
func (t Task) Validate() error {
	if err := t.Source.Validate(); err != nil {
		return err
	}
	switch t.Stage {
	case StageNumericKind, StageEmbed, StageMatch, StageJudge:
	default:
		return fmt.Errorf("schemas: task stage %q is unknown", t.Stage)
	}
	if t.Shard < 0 || t.Part < 0 {
		return fmt.Errorf("schemas: task shard %d part %d is negative", t.Shard, t.Part)
	}
	return nil
}
