package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/facesieve/facesieve/k8s"
	"github.com/facesieve/facesieve/worker/program"
)

// requestFile is the file of a folder of manifests that says what is asked for.
const requestFile = "run.yaml"

// AddFlags defines all flags of a request.
func (f *requestFlags) AddFlags(fs *pflag.FlagSet) {
	f.sources.AddFlags(fs)
	f.embedding.AddFlags(fs)
	f.embedding.addMirror(fs)
	f.judging.AddFlags(fs)
}

// filesOfPods are the flags that name what a pod reads.
func filesOfPods() []string {
	return []string{"data", "datasets", "manifest", "vectors", "reference", "reference-manifest", "overrides", "prior"}
}

// afterName is the value of a flag without the NAME= that some begin with.
func afterName(flag, value string) string {
	if _, url, named := strings.Cut(value, "="); named && strings.HasPrefix(flag, "reference") {
		return url
	}
	return value
}

func isBucket(url string) bool { return strings.HasPrefix(url, "s3://") }

// valuesGiven are a flag's values.
func valuesGiven(flag *pflag.Flag) []string {
	if list, is := flag.Value.(pflag.SliceValue); is {
		return list.GetSlice()
	}
	return []string{flag.Value.String()}
}

// render writes the folder.
func (o *k8sOptions) render(f *pflag.FlagSet, st *storeFlags) error {
	if entries, err := os.ReadDir(o.out); err == nil && len(entries) > 0 {
		return program.Usagef("--out %s: there are files already; name another folder, or edit %s there", o.out,
			requestFile)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return program.WithHint(err, "name a folder with --out")
	}
	overlay := "overlays/cpu"
	if o.gpu {
		overlay = "overlays/gpu"
	}
	err := fs.WalkDir(k8s.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(k8s.Files(), path)
		if err != nil {
			return err
		}
		file, inOverlay := strings.CutPrefix(path, overlay+"/")
		switch {
		case inOverlay && file == requestFile:
			text, err = o.fill(text, f, st)
		case inOverlay: // it stands beside the base here, not below
			text = []byte(strings.ReplaceAll(strings.ReplaceAll(string(text), "../../", ""), "k8s/"+overlay, "."))
		case strings.HasPrefix(path, "overlays/"):
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		target := filepath.Join(o.out, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
	return program.WithHint(err, "name another folder with --out")
}

// fill returns an overlay's run.yaml with what the flags say, and its comments.
func (o *k8sOptions) fill(text []byte, f *pflag.FlagSet, st *storeFlags) ([]byte, error) {
	request, err := o.requestText(f)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	values := map[string]yaml.Node{
		"request":     {Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.LiteralStyle, Value: request},
		"store":       {Kind: yaml.ScalarNode, Tag: "!!str", Value: st.url},
		"region":      {Kind: yaml.ScalarNode, Tag: "!!str", Value: o.region},
		"endpoint":    {Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: st.s3.Endpoint},
		"workers":     {Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(o.workers)},
		"gpu":         {Kind: yaml.ScalarNode, Tag: "!!str", Value: o.gpuType},
		"cpu-workers": {Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(o.cpuWorkers)},
	}
	fields := document.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if value, ours := values[fields[i].Value]; ours {
			*fields[i+1] = value
		}
	}
	out, err := yamlText(&document)
	return []byte(out), err
}

// yamlText returns a document as people write it, lists two columns in.
func yamlText(document *yaml.Node) (string, error) {
	var out strings.Builder
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	err := errors.Join(e.Encode(document), e.Close())
	return out.String(), err
}

// requestText is what "coordinator run --config" reads: the flags of a request that
// were given, in the order of the help.
func (o *k8sOptions) requestText(f *pflag.FlagSet) (string, error) {
	asked := pflag.NewFlagSet("request", pflag.ContinueOnError)
	asked.SortFlags = false
	(&requestFlags{judging: defaultJudging()}).AddFlags(asked)
	root := yaml.Node{Kind: yaml.MappingNode}
	var err error
	asked.VisitAll(func(flag *pflag.Flag) {
		given := f.Lookup(flag.Name)
		if !given.Changed {
			return
		}
		var value yaml.Node
		if _, list := given.Value.(pflag.SliceValue); list {
			err = errors.Join(err, value.Encode(valuesGiven(given)))
		} else {
			value = yaml.Node{Kind: yaml.ScalarNode, Value: given.Value.String()}
			if given.Value.Type() == "string" {
				value.Tag = "!!str"
			}
		}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: flag.Name}, &value)
	})
	if err != nil {
		return "", err
	}
	return yamlText(&root)
}
