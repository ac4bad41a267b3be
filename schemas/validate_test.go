package schemas

import (
	"errors"
	"strings"
	"testing"
)

func TestSpecValidate(t *testing.T) {
	if err := someSpec().Validate(); err != nil {
		t.Fatal(err)
	}
	given := someSpec()
	given.Data.Set.Precomputed, given.Data.References, given.Embed = true, nil, EmbedSpec{}
	if err := given.Validate(); err != nil {
		t.Errorf("a Spec of given vectors needs no embed half: %v", err)
	}
	for name, change := range map[string]func(*Spec){
		"version":      func(s *Spec) { s.Version = 1 },
		"set's name":   func(s *Spec) { s.Data.Set.Name = "x" },
		"shard":        func(s *Spec) { s.Data.ShardImages = 0 },
		"digest":       func(s *Spec) { s.Data.Set.Digest = "ab" },
		"upper digest": func(s *Spec) { s.Data.Set.Digest = Digest(strings.Repeat("A", 64)) },
		"reference":    func(s *Spec) { s.Data.References[0].Name = "a/b" },
		"twice":        func(s *Spec) { s.Data.References = append(s.Data.References, s.Data.References[0]) },
		"images":       func(s *Spec) { s.Data.Set.Images = -1 },
		"model":        func(s *Spec) { s.Embed.Model = "" },
		"detector":     func(s *Spec) { s.Embed.Detector = "" },
		"channels":     func(s *Spec) { s.Embed.Contract.Channels = "grey" },
		"dim":          func(s *Spec) { s.Embed.Contract.Dim = 0 },
		"std":          func(s *Spec) { s.Embed.Contract.Std[1] = "0" },
		"mean":         func(s *Spec) { s.Embed.Contract.Mean[1] = "" },
		"nms":          func(s *Spec) { s.Embed.Detection.NMS = "1.5" },
		"decoding":     func(s *Spec) { s.Embed.Detection.Decoding = "" },
		"size":         func(s *Spec) { s.Embed.Detection.Size = 0 },
		"method":       func(s *Spec) { s.Judge.Method = "" },
		"drop":         func(s *Spec) { s.Judge.Drop = "nan" },
		"long":         func(s *Spec) { s.Judge.Drop = "0.950" },
		"exponent":     func(s *Spec) { s.Judge.Drop = "9.5e-1" },
		"order":        func(s *Spec) { s.Judge.Review = "0.96" },
		"tiers":        func(s *Spec) { s.Judge.Certain = "0.6" },
		"quality":      func(s *Spec) { s.Judge.MinQuality = "1.5" },
		"no quality":   func(s *Spec) { s.Judge.MinQuality = "0" },
		"bad quality":  func(s *Spec) { s.Judge.MinQuality = "nan" },
		"long quality": func(s *Spec) { s.Judge.MinQuality = "0.40" },
		"overrides":    func(s *Spec) { s.Judge.Overrides = "zz" },
	} {
		s := someSpec()
		change(&s)
		if err := s.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v; want ErrInvalid", name, err)
		}
		if _, err := s.ID(); err == nil {
			t.Errorf("%s: an invalid Spec has an id", name)
		}
	}
}

func TestSourceNames(t *testing.T) {
	for name, ok := range map[Source]bool{"": true, "lfw": true, "ms-celeb-1m": true, "a_b": true, "0": true,
		"LFW": false, "a.b": false, "a/b": false, "-a": false, "\xff": false, Source(strings.Repeat("a", 65)): false} {
		if err := name.Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", string(name), err)
		}
	}
}

func TestTaskNames(t *testing.T) {
	seen := map[string]bool{}
	for _, task := range []Task{
		{Run: "r", Stage: StageEmbed, Shard: 3, Part: 1}, {Run: "r", Stage: StageEmbed, Source: "set", Shard: 3, Part: 1},
		{Run: "r", Stage: StageJudge, Source: "lfw", Shard: 123456}, {Run: "r", Stage: StageNumericKind},
		{Run: "r", Stage: StageNearest, Shard: 3}, {Run: "r", Stage: StageNeighbours, Shard: 3},
	} {
		name := task.Name()
		if seen[name] {
			t.Errorf("two tasks have the name %q", name)
		}
		seen[name] = true
		got, err := ParseTaskName("r", name)
		if err != nil || got != task {
			t.Errorf("%q is read as %+v, %v; want %+v", name, got, err, task)
		}
	}
	for _, bad := range []string{"", "embed.set.1.0", "embed.lfw.00001.0000", "nap.set.00001.0000", "embed.set.-0001.0000", "embed.ref-.00001.0000", "a.b.c.d.e"} {
		if got, err := ParseTaskName("r", bad); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}

func somePlan() Plan {
	id := strings.Repeat("ab", 16)
	return Plan{Sources: []PlanSource{
		{Labels: id, Identities: 1, Images: 5, Shards: []Shard{{Rows: id, Images: 5, First: "a%25", Parts: []Part{{Start: 0, End: 3, Listed: id}, {Start: 3, End: 5, Listed: id}}}}},
		{Name: "lfw", Labels: id, Skipped: map[string]int{".txt": 2}},
	}}
}

func TestPlanValidate(t *testing.T) {
	data, err := Marshal(somePlan())
	if err != nil {
		t.Fatal(err)
	}
	var p Plan
	if err := Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Plan){
		"order":  func(p *Plan) { p.Sources[0], p.Sources[1] = p.Sources[1], p.Sources[0] },
		"labels": func(p *Plan) { p.Sources[0].Labels = "../x" },
		"rows":   func(p *Plan) { p.Sources[0].Shards[0].Rows = "" },
		"gap":    func(p *Plan) { p.Sources[0].Shards[0].Parts[1].Start = 4 },
		"empty":  func(p *Plan) { p.Sources[0].Shards[0].Parts[1].End = 3 },
		"short":  func(p *Plan) { p.Sources[0].Shards[0].Parts[1].End = 4 },
		"images": func(p *Plan) { p.Sources[0].Images = 6 },
		"index":  func(p *Plan) { p.Sources[0].Shards[0].Index = 1 },
		"source": func(p *Plan) { p.Sources[0].Shards[0].Source = "lfw" },
	} {
		p := somePlan()
		change(&p)
		if err := p.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v; want ErrInvalid", name, err)
		}
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, bad := range []string{"", "{", `{"x":1}`, `{"sources":[]} {}`, `{"sources":3}`, `[]`} {
		var p Plan
		if err := Unmarshal([]byte(bad), &p); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v; want ErrFormat", bad, err)
		}
	}
}

func TestMarshalIsSortedAndStable(t *testing.T) {
	got, err := Marshal(map[string]any{"b": 1.5, "a": "<é>", "c": []int{1}})
	want := "{\n  \"a\": \"<é>\",\n  \"b\": 1.5,\n  \"c\": [\n    1\n  ]\n}\n"
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

// A run of another version is told before its keys, which may be others.
func TestSpecOfAnotherVersion(t *testing.T) {
	for _, text := range []string{
		`{"version":1,"data":{},"embed":{"flip":"sum-1"},"judge":{}}`,
		`{"version":6,"embed":{"a key of the future":true}}`,
		`{}`,
	} {
		var s Spec
		err := Unmarshal([]byte(text), &s)
		if !errors.Is(err, ErrVersion) || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "reads version 5") {
			t.Errorf("%s: %v; want ErrVersion", text, err)
		}
	}
	for _, text := range []string{``, `[`, `[2]`, `{"version":5,"a key of the future":true}`, `{"version":"5"}`} {
		var s Spec
		if err := Unmarshal([]byte(text), &s); !errors.Is(err, ErrFormat) || errors.Is(err, ErrVersion) {
			t.Errorf("%s: %v; want ErrFormat", text, err)
		}
	}
}
