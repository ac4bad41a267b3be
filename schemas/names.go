package schemas

import (
	"fmt"

	"github.com/facesieve/facesieve/internal/origin"
)

// Objects are named here and nowhere else. A name ends in .arrow (Arrow IPC
// file) or .json, or stands for the bare bytes of a model or of a numeric kind.

// The folders at the root of a store. Everything below one of them is named by
// a function of this file.
const (
	VectorsFolder   = "vectors/"
	EmbedFolder     = "embed/"
	LooksFolder     = "looks/"
	DoubtFolder     = "doubt/"
	RowsFolder      = "rows/"
	LabelsFolder    = "labels/"
	OverridesFolder = "overrides/"
	PriorsFolder    = "priors/"
	ModelsFolder    = "models/"
	RunsFolder      = "runs/"
)

// VectorsObject names the table of embeddings with a ContentID, in the folder of its
// FamilyID.
func VectorsObject(family, cid string) string { return VectorsFamily(family) + cid + ".arrow" }

// VectorsFamily returns the prefix of the vectors objects with a FamilyID.
func VectorsFamily(family string) string { return VectorsFolder + family + "/" }

// EmbedPointer names the pointer (type Pointer) from an EmbedID to a vectors object.
func EmbedPointer(id string) string { return EmbedFolder + id + ".json" }

// LookObject names what looking at an image again gave (table of SecondLook), by its
// LookID.
func LookObject(id string) string { return LooksFolder + id[:2] + "/" + id + ".arrow" }

// GivenLooksObject names the table of SecondLook that came with precomputed vectors, of a
// part with an EmbedID.
func GivenLooksObject(id string) string { return LooksFolder + "given/" + id + ".arrow" }

// DoubtSet returns the prefix of the DoubtObjects with a DoubtID.
func DoubtSet(id string) string { return DoubtFolder + id + "/" }

// DoubtObject names the table of Doubt of a shard of a set, counted from 0, which runs of
// the set share.
func DoubtObject(id string, shard int) string {
	return fmt.Sprintf("%s%05d.arrow", DoubtSet(id), shard)
}

// RowsObject names the table of a shard's manifest rows with a RowsID.
func RowsObject(id string) string { return RowsFolder + id + ".arrow" }

// LabelsObject names the table of a source's identities with a LabelsID.
func LabelsObject(id string) string { return LabelsFolder + id + ".arrow" }

// OverridesObject names the table of a person's decisions with an OverridesDigest.
func OverridesObject(d Digest) string { return OverridesFolder + string(d) + ".arrow" }

// PriorObject names what a judge starts from, by the digest of its bytes.
func PriorObject(d Digest) string { return PriorsFolder + string(d) + ".json" }

// ModelObject names a model file by the digest of its bytes.
func ModelObject(d Digest) string { return ModelsFolder + string(d) }

// RunFolder returns the prefix of everything that belongs to one run.
func RunFolder(run RunID) string { return RunsFolder + string(run) + "/" }

// SpecObject names the run's Spec.
func SpecObject(run RunID) string { return RunFolder(run) + "spec.json" }

// SourceObject names the object that says where the run's sources stand (type
// SourceFile). It is written again at each start.
func SourceObject(run RunID) string { return RunFolder(run) + "source.json" }

// TimingObject names the object that says what the run cost (type Timing). It is
// written again whenever the run goes on.
func TimingObject(run RunID) string { return RunFolder(run) + "timing.json" }

// PlanObject names the run's Plan.
func PlanObject(run RunID) string { return RunFolder(run) + "plan.json" }

// CancelledObject names the object that says that a run was ended for good (type
// Cancellation). It is removed when the run is taken up again.
func CancelledObject(run RunID) string { return RunFolder(run) + "cancelled.json" }

// NumericKindObject names the object that holds the run's numeric kind: its text and
// a newline.
func NumericKindObject(run RunID) string { return RunFolder(run) + "numeric-kind" }

// SecondLookFolder returns the prefix of the run's SecondLookObjects.
func SecondLookFolder(run RunID) string { return RunFolder(run) + "second-look/" }

// SecondLookObject names the table of SecondLook of a source's shard, counted from 0:
// what looking again at its doubtful images gave.
func SecondLookObject(run RunID, source Source, shard int) string {
	return fmt.Sprintf("%s%s/%05d.arrow", SecondLookFolder(run), source.Token(), shard)
}

// DoubtCentroidsObject names the table of the set's identities with the centroids of the
// first look's vectors (type Centroid).
func DoubtCentroidsObject(run RunID) string { return DoubtRunFolder(run) + "centroids.arrow" }

// DoubtModelObject names the model of wrong labels that says which images are doubtful.
func DoubtModelObject(run RunID) string { return DoubtRunFolder(run) + "model.json" }

// DoubtRunFolder returns the prefix of what the run knows of doubtful images.
func DoubtRunFolder(run RunID) string { return RunFolder(run) + "doubt/" }

// DoubtfulObject names the table of Doubt of a source's shard, counted from 0: the images
// that are looked at again.
func DoubtfulObject(run RunID, source Source, shard int) string {
	return fmt.Sprintf("%s%s/%05d.arrow", DoubtRunFolder(run), source.Token(), shard)
}

// DuplicatesObject names the table of Neighbours that are equal in every byte:
// images of the set with each other, and with those of references.
func DuplicatesObject(run RunID) string { return RunFolder(run) + "duplicates.arrow" }

// NearDuplicatesObject names the table of NearDuplicates: images of the set with each other, and with those of references.
func NearDuplicatesObject(run RunID) string { return RunFolder(run) + "near-duplicates.arrow" }

// RelabelledObject names the table of vectors that a person's relabelling moves to
// another identity.
func RelabelledObject(run RunID) string { return RunFolder(run) + "relabelled.arrow" }

// GroupsObject names the table of the images of merged labels by their groups (type
// GroupMember).
func GroupsObject(run RunID) string { return RunFolder(run) + "groups.arrow" }

// GuestsObject names the table of Neighbours of which one side is a group of a merged
// label.
func GuestsObject(run RunID) string { return RunFolder(run) + "guests.arrow" }

// MatchingObject names the calibration of comparisons between identities.
func MatchingObject(run RunID) string { return RunFolder(run) + "matching.json" }

// AggregateObject names the table of all sources' identities with their centroids.
func AggregateObject(run RunID) string { return RunFolder(run) + "aggregate.arrow" }

// CalibrationObject names the calibration of the judge of images.
func CalibrationObject(run RunID) string { return RunFolder(run) + "calibration.json" }

// MatchObject names the table of Neighbours of one shard of the set, counted from 0.
func MatchObject(run RunID, shard int) string {
	return fmt.Sprintf("%smatch/%05d.arrow", RunFolder(run), shard)
}

// NearestFolder returns the prefix of the run's NearestObjects.
func NearestFolder(run RunID) string { return RunFolder(run) + "nearest/" }

// NearestObject names the table of Nearest of one shard of the set, counted from 0.
func NearestObject(run RunID, shard int) string {
	return fmt.Sprintf("%s%05d.arrow", NearestFolder(run), shard)
}

// EntriesFolder returns the prefix of the run's entries.
func EntriesFolder(run RunID) string { return RunFolder(run) + "entries/" }

// EntriesObject names the table of Entries that a shard of the set gives a group of
// lists; both are counted from 0.
func EntriesObject(run RunID, group, shard int) string {
	return fmt.Sprintf("%s%05d/%05d.arrow", EntriesFolder(run), group, shard)
}

// NeighboursFolder returns the prefix of the run's NeighboursObjects and GroupObjects.
func NeighboursFolder(run RunID) string { return RunFolder(run) + "neighbours/" }

// NeighboursObject names the table of ImageNeighbours that a group of lists gives the
// images of a shard of the set; both are counted from 0.
func NeighboursObject(run RunID, group, shard int) string {
	return fmt.Sprintf("%s%05d/%05d.arrow", NeighboursFolder(run), group, shard)
}

// GroupObject names the object that says that a group of lists, counted from 0, has
// answered every shard (type ListGroup).
func GroupObject(run RunID, group int) string {
	return fmt.Sprintf("%s%05d.json", NeighboursFolder(run), group)
}

// AttemptsFolder returns the prefix of a task's attempts.
func AttemptsFolder(run RunID, t Task) string { return RunFolder(run) + "attempts/" + t.Name() + "/" }

// AttemptObject names the n-th attempt (type Attempt) at a task that did not end in
// its output; n counts from 1.
func AttemptObject(run RunID, t Task, n int) string {
	return fmt.Sprintf("%s%04d.json", AttemptsFolder(run, t), n)
}

// FailureObject names the object that settles a task which is given up: its last
// attempt (type Attempt).
func FailureObject(run RunID, t Task) string { return FailuresFolder(run) + t.Name() + ".json" }

// FailuresFolder returns the prefix of the run's failures.
func FailuresFolder(run RunID) string { return RunFolder(run) + "failures/" }

// TaskTimingObject names the object that says what one task cost (type TaskTiming).
func TaskTimingObject(run RunID, t Task) string { return TaskTimingsFolder(run) + t.Name() + ".json" }

// TaskTimingsFolder returns the prefix of the run's task timings.
func TaskTimingsFolder(run RunID) string { return RunFolder(run) + "timings/" }

// The files of a report, below ReportFolder. The summary is written last: a
// report that has one is complete.
const (
	ImagesFolder   = "images/"
	IdentitiesFile = "identities.arrow"
	PairsFile      = "pairs.arrow"
	OverlapFile    = "overlap.arrow"
	GroupsFile     = "groups.arrow"
	SummaryFile    = "summary.json"
)

// ReportFolder returns the prefix of the run's report.
func ReportFolder(run RunID) string { return RunFolder(run) + "report/" }

// ReportObject names one file of the run's report: IdentitiesFile, PairsFile,
// OverlapFile, GroupsFile, SummaryFile or ImagesFile(part).
func ReportObject(run RunID, file string) string { return ReportFolder(run) + file }

// ImagesFile names, below ReportFolder, the part of the images table that holds one
// shard of the set; parts are counted from 0.
func ImagesFile(part int) string { return fmt.Sprintf("%spart-%05d.arrow", ImagesFolder, part) }

// VerdictsObject names what judging a shard of the set gives: that shard's part of
// the report's images table.
func VerdictsObject(run RunID, shard int) string { return ReportObject(run, ImagesFile(shard)) }

// Token returns the source as it stands in the names of objects and tasks: "set" or "ref-NAME".
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
		return origin.Errorf("schemas", "source name %q: use 1 to 64 of a-z 0-9 - _, "+
			"beginning with a letter or a digit", string(s))
	}
	return nil
}
