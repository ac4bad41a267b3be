package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/facesieve/facesieve/worker/program"
)

// configFlag is the name of the flag that names a file of flags.
const configFlag = "config"

// addConfigFlag defines the flag that names a file of flags.
func addConfigFlag(f *pflag.FlagSet, file *string) {
	f.StringVar(file, configFlag, "",
		"a YAML file of this command's flags, without dashes (data: /data/faces), with lists where a flag is "+
			"repeatable; flags given here win")
}

// applyConfig sets the flags of a command that were not given to what the file of
// --config says, where the command has that flag and it was given.
func applyConfig(f *pflag.FlagSet) error {
	given := f.Lookup(configFlag)
	if given == nil || !given.Changed {
		return nil
	}
	file := given.Value.String()
	text, err := os.ReadFile(file)
	if err != nil {
		return program.WithHint(fmt.Errorf("--%s: %w", configFlag, err), "name a file that is there")
	}
	settings, err := parseConfig(text, f)
	if err != nil {
		return program.Usage(fmt.Errorf("--%s %s: %w", configFlag, file, err))
	}
	for _, s := range settings {
		if err := s.apply(f); err != nil {
			return program.Usage(fmt.Errorf("--%s %s: %w", configFlag, file, err))
		}
	}
	return nil
}

// setting is a flag with what a file says of it.
type setting struct {
	flag   string
	line   int
	values []string
}

// apply sets the flag, unless it was given.
func (s setting) apply(f *pflag.FlagSet) error {
	if f.Changed(s.flag) {
		return nil
	}
	flag := f.Lookup(s.flag)
	if list, is := flag.Value.(pflag.SliceValue); is {
		if err := list.Replace(s.values); err != nil {
			return s.wrong(flag, err)
		}
		flag.Changed = true
		return nil
	}
	if err := f.Set(s.flag, s.values[0]); err != nil {
		return s.wrong(flag, errors.Unwrap(err))
	}
	return nil
}

// wrong is the error of a value that the flag does not take.
func (s setting) wrong(flag *pflag.Flag, err error) error {
	text := fmt.Sprintf("line %d: %s: write %s", s.line, s.flag, wanted(flag))
	if err == nil {
		return errors.New(text)
	}
	return fmt.Errorf("%s: %w", text, err)
}

// wanted says what a flag takes.
func wanted(flag *pflag.Flag) string {
	switch kind := flag.Value.Type(); kind {
	case "bool":
		return "true or false"
	case "int", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "duration":
		return "a time, as 20s"
	case "stringArray", "stringSlice":
		return "a list"
	default:
		return "a text"
	}
}

// parseConfig returns what a text says of flags, in its order. Every flag stands once.
func parseConfig(text []byte, f *pflag.FlagSet) ([]setting, error) {
	var document, next yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: ") + "; write lines of FLAG: VALUE")
	}
	if document.Kind == 0 {
		return nil, nil // an empty file
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, errors.New("write one document: what follows its second --- would be passed over")
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil // comments alone
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: write lines of FLAG: VALUE, as data: /data/faces", root.Line)
	}
	var settings []setting
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		flag := configurable(f, key.Value)
		if flag == nil {
			return nil, fmt.Errorf("line %d: %q is no flag of this command%s", key.Line, key.Value, meant(f, key.Value))
		}
		if slices.ContainsFunc(settings, func(s setting) bool { return s.flag == flag.Name }) {
			return nil, fmt.Errorf("line %d: %s stands twice; leave one out", key.Line, key.Value)
		}
		s := setting{flag: flag.Name, line: key.Line}
		values, err := valuesOf(value, flag)
		if err != nil {
			return nil, s.wrong(flag, err)
		}
		s.values = values
		settings = append(settings, s)
	}
	return settings, nil
}

// configurable returns a flag that a file may set; nil: there is none of that name.
func configurable(f *pflag.FlagSet, name string) *pflag.Flag {
	flag := f.Lookup(name)
	if flag == nil || name == configFlag || name == "help" || name == "version" {
		return nil
	}
	return flag
}

// meant says which flag was meant by a name that is none, where that is plain.
func meant(f *pflag.FlagSet, name string) string {
	if other := strings.Trim(strings.ToLower(strings.ReplaceAll(name, "_", "-")), "- "); configurable(f, other) != nil {
		return "; write " + other
	}
	if other := strings.TrimSuffix(name, "s"); configurable(f, other) != nil {
		return "; write " + other
	}
	return ""
}

// valuesOf returns a flag's values as the command line would have them.
func valuesOf(value *yaml.Node, flag *pflag.Flag) ([]string, error) {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if _, list := flag.Value.(pflag.SliceValue); list {
		if value.Kind != yaml.SequenceNode {
			return nil, fmt.Errorf("%s is none", described(value))
		}
		values := make([]string, 0, len(value.Content))
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				return nil, fmt.Errorf("%s stands in it", described(item))
			}
			values = append(values, item.Value)
		}
		return values, nil
	}
	if value.Kind != yaml.ScalarNode || !fits(value.Tag, flag.Value.Type()) {
		return nil, fmt.Errorf("%s is none", described(value))
	}
	return []string{value.Value}, nil
}

// fits says whether a value that YAML takes for something fits a flag's type. Any word
// is a text, also one that looks like a number.
func fits(tag, kind string) bool {
	switch kind {
	case "bool":
		return tag == "!!bool"
	case "int", "uint64":
		return tag == "!!int"
	case "float64":
		return tag == "!!int" || tag == "!!float"
	}
	return tag != "!!null"
}

// described is what stands in place of a value.
func described(value *yaml.Node) string {
	switch {
	case value.Kind == yaml.SequenceNode:
		return "a list"
	case value.Kind == yaml.MappingNode:
		return "a table"
	case value.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", value.Value)
}
