package schemas

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
)

// Name returns the name of a task within its run: "STAGE.SOURCE.SHARD.PART", where SOURCE is
// "set" or "ref-NAME". It is safe in an object's name and in a NATS subject
// (four tokens).
func (t Task) Name() string {
	return fmt.Sprintf("%s.%s.%05d.%04d", t.Stage, t.Source.Token(), t.Shard, t.Part)
}

// ParseTaskName returns the task of a run that Task.Name gives this name, an error
// where it gives it to none.
func ParseTaskName(run RunID, name string) (Task, error) {
	f := strings.Split(name, ".")
	if len(f) != 4 {
		return Task{}, origin.Errorf("schemas", "task name %q: want four parts", name)
	}
	shard, err1 := strconv.Atoi(f[2])
	part, err2 := strconv.Atoi(f[3])
	t := Task{Run: run, Stage: Stage(f[0]), Shard: shard, Part: part}
	if f[1] != "set" {
		t.Source = Source(strings.TrimPrefix(f[1], "ref-"))
	}
	if err1 != nil || err2 != nil || t.Name() != name || t.Validate() != nil {
		return Task{}, origin.Errorf("schemas", "task name %q is not one", name)
	}
	return t, nil
}

// Output names the object that a finished task has made. It returns "" for an embed
// task, whose output is named by its rows and numeric kind (EmbedPointer).
func (t Task) Output() string {
	switch t.Stage {
	case StageNumericKind:
		return NumericKindObject(t.Run)
	case StageDoubtful:
		return DoubtfulObject(t.Run, t.Source, t.Shard)
	case StageSecondLook:
		return SecondLookObject(t.Run, t.Source, t.Shard)
	case StageMatch:
		return MatchObject(t.Run, t.Shard)
	case StageNearest:
		return NearestObject(t.Run, t.Shard)
	case StageNeighbours:
		return GroupObject(t.Run, t.Shard)
	case StageJudge:
		return VerdictsObject(t.Run, t.Shard)
	}
	return ""
}

// Validate refuses a task that no plan can hold.
func (t Task) Validate() error {
	if err := t.Source.Validate(); err != nil {
		return err
	}
	switch t.Stage {
	case StageNumericKind, StageEmbed, StageDoubtful, StageSecondLook, StageMatch, StageNearest, StageNeighbours, StageJudge:
	default:
		return origin.Errorf("schemas", "task stage %q is unknown", t.Stage)
	}
	if t.Shard < 0 || t.Part < 0 {
		return origin.Errorf("schemas", "task shard %d part %d is negative", t.Shard, t.Part)
	}
	return nil
}
