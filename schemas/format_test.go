package schemas

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// allSchemas are the tables FORMAT.md documents; 7 stands for the dimension.
func allSchemas() []*arrow.Schema {
	return []*arrow.Schema{
		rowsTable().schema(), labelsTable().schema(), overridesTable().schema(),
		vectorsTable(7, selection{}).schema(),
		centroidsTable(7).schema(), neighboursTable().schema(), verdictsTable().schema(),
		identitiesTable().schema(), pairsTable().schema(), overlapsTable().schema(),
		groupMembersTable().schema(), groupsTable().schema(),
		nearestTable().schema(), entriesTable(7).schema(), imageNeighboursTable().schema(),
		secondLookTable(7).schema(),
	}
}

func typeText(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.FixedSizeListType:
		n := fmt.Sprint(t.Len())
		if n == "7" {
			n = "D"
		}
		return fmt.Sprintf("fixed_size_list<%s>[%s]", t.Elem(), n)
	case *arrow.ListType:
		return fmt.Sprintf("list<%s>", t.Elem())
	}
	return t.String()
}

// documented is the text that FORMAT.md must hold for a table.
func documented(s *arrow.Schema) string {
	var b strings.Builder
	name, _ := s.Metadata().GetValue(tableKey)
	fmt.Fprintf(&b, "### Table `%s`\n\n| column | type | null | unit | meaning |\n| --- | --- | --- | --- | --- |\n", name)
	for _, f := range s.Fields() {
		null, unit := "never", "-"
		if f.Nullable {
			null = "yes"
		}
		if u, _ := f.Metadata.GetValue("unit"); u != "" {
			unit = u
		}
		meaning, _ := f.Metadata.GetValue("meaning")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.Name, typeText(f.Type), null, unit, meaning)
	}
	return b.String()
}

func format(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFormatNamesEveryColumn(t *testing.T) {
	text := format(t)
	for _, s := range allSchemas() {
		if want := documented(s); !strings.Contains(text, want) {
			t.Errorf("FORMAT.md lacks\n%s", want)
		}
		for _, f := range s.Fields() {
			meaning, _ := f.Metadata.GetValue("meaning")
			if meaning == "" || f.Metadata.FindKey("unit") < 0 {
				t.Errorf("column %s states no meaning or no unit", f.Name)
			}
		}
	}
}

func TestFormatNamesEveryObject(t *testing.T) {
	text := format(t)
	task := Task{Run: "RUN", Stage: "STAGE", Shard: 12, Part: 3}
	for _, name := range []string{
		VectorsObject("FAMILY", "ID"), EmbedPointer("ID"), RowsObject("ID"), LabelsObject("ID"),
		OverridesObject("SHA256"),
		ModelObject("SHA256"), SpecObject("RUN"), SourceObject("RUN"), TimingObject("RUN"),
		PlanObject("RUN"), NumericKindObject("RUN"), CancelledObject("RUN"),
		AggregateObject("RUN"), DuplicatesObject("RUN"), GroupsObject("RUN"), GuestsObject("RUN"),
		RelabelledObject("RUN"), MatchingObject("RUN"),
		CalibrationObject("RUN"), strings.Replace(MatchObject("RUN", 12), "00012", "SHARD", 1),
		strings.Replace(NearestObject("RUN", 12), "00012", "SHARD", 1),
		strings.Replace(EntriesObject("RUN", 3, 12), "00003/00012", "GROUP/SHARD", 1),
		strings.Replace(NeighboursObject("RUN", 3, 12), "00003/00012", "GROUP/SHARD", 1),
		strings.Replace(GroupObject("RUN", 3), "00003", "GROUP", 1),
		strings.Replace(AttemptObject("RUN", task, 1), task.Name()+"/0001", "TASK/N", 1),
		strings.Replace(FailureObject("RUN", task), task.Name(), "TASK", 1),
		strings.Replace(TaskTimingObject("RUN", task), task.Name(), "TASK", 1),
		strings.Replace(VerdictsObject("RUN", 12), "00012", "SHARD", 1),
		ReportObject("RUN", IdentitiesFile), ReportObject("RUN", PairsFile),
		ReportObject("RUN", OverlapFile), ReportObject("RUN", GroupsFile),
		ReportObject("RUN", SummaryFile),
	} {
		if !strings.Contains(text, "| `"+name+"` |") {
			t.Errorf("FORMAT.md does not name the object %q", name)
		}
	}
}

func TestFormatNamesEveryWord(t *testing.T) {
	text := format(t)
	var words []string
	for _, f := range Faults() {
		words = append(words, string(f))
	}
	add := func(w string) { words = append(words, w) }
	for _, x := range Types() {
		add(string(x))
	}
	for _, x := range Decisions() {
		add(string(x))
	}
	for _, x := range Tiers() {
		add(string(x))
	}
	for _, x := range PairKinds() {
		add(string(x))
	}
	for _, x := range Flags() {
		add(string(x))
	}
	for _, x := range NeighbourKinds() {
		add(string(x))
	}
	for _, x := range Views() {
		add(string(x))
	}
	words = append(words, WarnOverrideUnknown, WarnFewIdentities, WarnMixed, WarnFailed, WarnMachine, WarnThinned, WarnMode,
		PoseFrontal, PoseHalfTurned, PoseProfile, StratumUnknown)
	for _, x := range GroupingNames() {
		add(string(x))
	}
	for _, w := range words {
		if !strings.Contains(text, "`"+w+"`") {
			t.Errorf("FORMAT.md does not name %q", w)
		}
	}
}

func TestFormatNamesEveryKey(t *testing.T) {
	text := format(t)
	for _, v := range []any{
		Spec{}, Pointer{}, Plan{}, SourceFile{}, Timing{}, TaskTiming{}, Summary{}, Attempt{}, ListGroup{},
	} {
		for key := range jsonKeys(reflect.TypeOf(v)) {
			if !strings.Contains(text, "`"+key+"`") {
				t.Errorf("FORMAT.md does not name the key %q of %T", key, v)
			}
		}
	}
}

// jsonKeys are the keys of a struct and of the structs inside it.
func jsonKeys(t reflect.Type) map[string]bool {
	keys := map[string]bool{}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return jsonKeys(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" {
				keys[key] = true
			}
			for key := range jsonKeys(f.Type) {
				keys[key] = true
			}
		}
	}
	return keys
}
