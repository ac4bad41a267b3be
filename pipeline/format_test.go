package pipeline_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/stage/match"
)

// TestFormatNamesTheJudgesKeys holds schemas/FORMAT.md against the two objects
// whose types are the judge's own.
func TestFormatNamesTheJudgesKeys(t *testing.T) {
	text, err := os.ReadFile("../schemas/FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{calibrate.Calibration{}, match.Models{}} {
		keys := keysOf(reflect.TypeOf(v))
		if len(keys) < 3 {
			t.Fatalf("%T has the keys %v", v, keys)
		}
		for _, key := range keys {
			if !strings.Contains(string(text), "`"+key+"`") {
				t.Errorf("FORMAT.md does not name the key %q of %T", key, v)
			}
		}
	}
}

// keysOf are the JSON keys of a type and of all that it holds.
func keysOf(t reflect.Type) (keys []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return keysOf(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			keys = append(append(keys, key), keysOf(t.Field(i).Type)...)
		}
	}
	return keys
}
