package command

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/worker/program"
)

// k8sOptions are the flags of k8s render.
type k8sOptions struct {
	request    requestFlags
	out        string
	workers    int
	gpu        bool
	gpuType    string
	cpuWorkers int
	region     string
}

func k8sCommand(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "k8s",
		Short: "Write the manifests of a run on Kubernetes",
		Long:  `k8s writes what a run on Kubernetes takes. It speaks to no cluster: kubectl does.`,
		Example: `  coordinator k8s render --data s3://sets/ms1m --aligned --store s3://results/ms1m --workers 8
  kubectl apply -k facesieve-k8s`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return program.Usagef("name what to do: coordinator k8s render")
		},
	}
	cmd.AddCommand(k8sRenderCommand(s))
	return cmd
}

func k8sRenderCommand(s *session) *cobra.Command {
	o := &k8sOptions{request: requestFlags{judging: defaultJudging()}}
	cmd := &cobra.Command{
		Use:   "render",
		Short: "Write a folder that kubectl apply -k submits",
		Long: `render writes the manifests of this program's source, for CPU or GPU workers,
into a folder, with a request of the flags given here: those of "coordinator run".
Nothing is read but flags, and no cluster is spoken to. The folder is yours:
run.yaml in it is the file to edit for the next run, and README.md says the rest.`,
		Example: `  coordinator k8s render --data s3://sets/ms1m --aligned --store s3://results/ms1m --workers 8
  coordinator k8s render --data s3://sets/vggface2 --dataset vggface2 --store s3://results/vggface2 \
      --workers 8 --gpu --gpu-type NVIDIA-A100-SXM4-80GB
  kubectl apply -k facesieve-k8s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd.Flags(), &s.store); err != nil {
				return err
			}
			if err := o.render(cmd.Flags(), &s.store); err != nil {
				return err
			}
			return o.show(&s.console.out)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags defines the flags.
func (o *k8sOptions) AddFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.out, "out", "facesieve-k8s", "folder to write: absent or empty")
	f.IntVar(&o.workers, "workers", 1, "worker pods; with --gpu each has a GPU")
	f.BoolVar(&o.gpu, "gpu", false, "embed on GPUs, and do the rest in pods without one")
	f.StringVar(&o.gpuType, "gpu-type", "NVIDIA-L4",
		"the nodes' label nvidia.com/gpu.product: one type, for two are two numeric kinds")
	f.IntVar(&o.cpuWorkers, "cpu-workers", 4, "pods without a GPU, where --gpu is given")
	f.StringVar(&o.region, "region", "us-east-1", "region of s3:// URLs")
	o.request.AddFlags(f)
}

// check refuses what no pod could do.
func (o *k8sOptions) check(f *pflag.FlagSet, st *storeFlags) error {
	for _, x := range []struct {
		flag string
		n    int
	}{{"workers", o.workers}, {"cpu-workers", o.cpuWorkers}} {
		if x.n < 1 {
			return program.Usagef("--%s %d: give at least 1", x.flag, x.n)
		}
	}
	if err := o.checkTexts(f, st); err != nil {
		return err
	}
	if !isBucket(st.url) {
		return program.Usagef("--store %s: pods share no folder of this machine; name a bucket, as s3://results/faces", st.url)
	}
	src := &o.request.sources
	if src.data == "" && src.dataset == "" && src.vectors == "" && o.request.judging.from == "" {
		return program.Usagef("nothing to clean: name a bucket with --data, a data set with --dataset, or vectors with --vectors")
	}
	for _, flag := range filesOfPods() {
		given := f.Lookup(flag)
		if given == nil || !given.Changed {
			continue
		}
		for _, value := range valuesGiven(given) {
			if !isBucket(afterName(flag, value)) {
				return program.Usagef("--%s %s: pods do not have it; put it into a bucket and give s3://BUCKET/PATH", flag, value)
			}
		}
	}
	for _, flag := range []string{"model", "detector"} {
		if value := f.Lookup(flag).Value.String(); strings.HasSuffix(value, ".onnx") {
			return program.Usagef("--%s %s: pods do not have it; name one that coordinator models lists", flag, value)
		}
	}
	return o.request.check()
}

// label is what Kubernetes takes as the value of a label.
var label = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)

// checkTexts refuses what Kubernetes would not take, or would take for something else.
func (o *k8sOptions) checkTexts(f *pflag.FlagSet, st *storeFlags) error {
	for _, x := range []struct{ flag, text string }{
		{"store", st.url}, {"s3-endpoint", st.s3.Endpoint}, {"region", o.region},
	} {
		if strings.ContainsFunc(x.text, unicode.IsControl) || strings.Contains(x.text, "$(") {
			return program.Usagef("--%s %q: leave out control characters and $(, which names a variable of a pod", x.flag, x.text)
		}
	}
	for _, flag := range []string{"gpu-type", "cpu-workers"} {
		if f.Changed(flag) && !o.gpu {
			return program.Usagef("--%s is for workers with GPUs; give --gpu, too", flag)
		}
	}
	if !label.MatchString(o.gpuType) {
		return program.Usagef("--gpu-type %q: give the nodes' label, as NVIDIA-L4; "+
			"kubectl get nodes -L nvidia.com/gpu.product shows it", o.gpuType)
	}
	return nil
}

// show says what was written, and what to do with it.
func (o *k8sOptions) show(out *screen.Printer) error {
	return out.Either(struct {
		Folder  string `json:"folder"`
		Request string `json:"request"`
	}{o.out, filepath.Join(o.out, requestFile)}, fmt.Sprintf(
		"%s is the request, %s says the rest.\nNext\n  kubectl apply -k %s\n",
		filepath.Join(o.out, requestFile), filepath.Join(o.out, "README.md"), quoted(o.out)))
}
