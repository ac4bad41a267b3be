package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// broken collects what breaks rules.
type broken []string

func (b *broken) add(format string, args ...any) { *b = append(*b, fmt.Sprintf(format, args...)) }

// Broken returns what in a rendering breaks the house's rules, a line each. A server
// would take most of it.
func Broken(objects []*Object) ([]string, error) {
	pods, err := PodsOf(objects)
	if err != nil {
		return nil, err
	}
	var b broken
	for _, o := range objects {
		b.secret(o)
		b.hash(o)
		if o.Meta.Namespace == "" && o.Type.Kind != "Namespace" {
			b.add("%s: no namespace", o.Name())
		}
	}
	for i := range pods {
		p := &pods[i]
		b.job(p)
		b.pod(p)
		b.references(p, objects)
		for _, c := range p.Containers() {
			b.container(p.Of+", container "+c.Name, &c)
		}
	}
	slices.Sort(b)
	return b, nil
}

// secret refuses secrets that stand in the text.
func (b *broken) secret(o *Object) {
	if o.Type.Kind == "Secret" {
		b.add("%s: a secret inline", o.Name())
	}
}

// hash refuses a name without a hash where the object can't be changed.
func (b *broken) hash(o *Object) {
	if (o.Type.Kind == "Job" || o.Type.Kind == "JobSet") && !hashed.MatchString(o.Meta.Name) {
		b.add("%s: no hash in the name", o.Name())
	}
}

// hashed is how a name ends that kustomize has put a hash to.
var hashed = regexp.MustCompile(`-[bcdfghkmt2456789]{10}$`)

// job holds a Job to how it counts failures.
func (b *broken) job(p *Pods) {
	if p.Job == nil {
		return
	}
	if p.Template.Spec.RestartPolicy != corev1.RestartPolicyNever {
		b.add("%s: restartPolicy %s, not Never", p.Of, p.Template.Spec.RestartPolicy)
	}
	if p.Job.PodReplacementPolicy == nil || *p.Job.PodReplacementPolicy != batchv1.Failed {
		b.add("%s: podReplacementPolicy is not Failed", p.Of)
	}
	if p.Job.PodFailurePolicy == nil {
		b.add("%s: no podFailurePolicy", p.Of)
		return
	}
	disruption, usage := false, false
	for _, r := range p.Job.PodFailurePolicy.Rules {
		for _, c := range r.OnPodConditions {
			disruption = disruption || r.Action == batchv1.PodFailurePolicyActionIgnore && c.Type == corev1.DisruptionTarget
		}
		if e := r.OnExitCodes; e != nil {
			usage = usage || r.Action == batchv1.PodFailurePolicyActionFailJob && slices.Contains(e.Values, 64)
			if e.ContainerName == nil || !slices.ContainsFunc(p.Containers(),
				func(c corev1.Container) bool { return c.Name == *e.ContainerName }) {
				b.add("%s: a rule about exit codes names no container", p.Of)
			}
		}
	}
	if !disruption {
		b.add("%s: a disruption counts as a failure", p.Of)
	}
	if !usage {
		b.add("%s: exit code 64 does not end it", p.Of)
	}
}

// pod holds a pod to restricted security, and to the time that a worker takes to end.
func (b *broken) pod(p *Pods) {
	s := &p.Template.Spec
	if s.AutomountServiceAccountToken == nil || *s.AutomountServiceAccountToken {
		b.add("%s: a token is mounted", p.Of)
	}
	if s.SecurityContext == nil || s.SecurityContext.SeccompProfile == nil ||
		s.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		b.add("%s: no seccomp profile", p.Of)
	}
	if c := s.SecurityContext; c == nil || c.RunAsNonRoot == nil || !*c.RunAsNonRoot || c.RunAsUser == nil ||
		*c.RunAsUser != 65534 {
		b.add("%s: may run as root", p.Of)
	}
	for _, v := range s.Volumes {
		if v.EmptyDir != nil && v.EmptyDir.SizeLimit == nil {
			b.add("%s: volume %s has no sizeLimit", p.Of, v.Name)
		}
		if v.HostPath != nil {
			b.add("%s: volume %s is the node's", p.Of, v.Name)
		}
	}
	for _, c := range s.Containers {
		grace, given := argument(&c, "--grace")
		if !given {
			continue
		}
		d, err := time.ParseDuration(grace)
		if err != nil || s.TerminationGracePeriodSeconds == nil ||
			time.Duration(*s.TerminationGracePeriodSeconds)*time.Second <= d {
			b.add("%s: killed before --grace %s is over", p.Of, grace)
		}
	}
}

// argument returns the value of a container's flag.
func argument(c *corev1.Container, flag string) (value string, given bool) {
	for _, a := range c.Args {
		if v, is := strings.CutPrefix(a, flag+"="); is {
			return v, true
		}
	}
	return "", false
}

// container holds a container to restricted security, limits, and secrets by reference.
func (b *broken) container(of string, c *corev1.Container) {
	s := c.SecurityContext
	if s == nil {
		s = &corev1.SecurityContext{}
	}
	if s.RunAsUser != nil || s.RunAsNonRoot != nil {
		b.add("%s: may run as root: the pod says as whom", of)
	}
	if s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation {
		b.add("%s: may gain rights", of)
	}
	if s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
		b.add("%s: may write to its root", of)
	}
	if s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") || len(s.Capabilities.Add) > 0 {
		b.add("%s: has capabilities", of)
	}
	for _, r := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
		if _, limited := c.Resources.Limits[r]; !limited {
			b.add("%s: no limit of %s", of, r)
		}
		if _, asked := c.Resources.Requests[r]; !asked {
			b.add("%s: no request of %s", of, r)
		}
	}
	b.environment(of, c)
}

// environment refuses secrets by value, and a heap that outgrows the container.
func (b *broken) environment(of string, c *corev1.Container) {
	seen := map[string]bool{}
	for _, e := range c.Env {
		if seen[e.Name] {
			b.add("%s: %s is given twice", of, e.Name)
		}
		seen[e.Name] = true
		switch {
		case e.ValueFrom != nil || e.Value == "":
		case secretName.MatchString(e.Name) && !strings.HasPrefix(e.Value, "/"),
			secretURL.MatchString(e.Value):
			b.add("%s: a secret inline in %s", of, e.Name)
		}
		if e.Name != "GOMEMLIMIT" {
			continue
		}
		heap, err := resource.ParseQuantity(strings.TrimSuffix(e.Value, "B"))
		if limit := c.Resources.Limits[corev1.ResourceMemory]; err != nil || heap.Cmp(limit) >= 0 {
			b.add("%s: GOMEMLIMIT %s in %s of memory", of, e.Value, &limit)
		}
	}
	for _, a := range append(slices.Clone(c.Command), c.Args...) {
		if secretURL.MatchString(a) {
			b.add("%s: a secret inline in its arguments", of)
		}
	}
	if strings.HasPrefix(c.Image, "ghcr.io/facesieve/") && (!seen["GOTRACEBACK"] || !seen["GOMEMLIMIT"]) {
		b.add("%s: GOTRACEBACK or GOMEMLIMIT is not given", of)
	}
}

var (
	// secretName is what a variable is called that holds a secret.
	secretName = regexp.MustCompile(`PASSWORD|SECRET|TOKEN|CREDENTIAL|ACCESS_KEY|_KEY$`)
	// secretURL is a URL with a password that is no reference.
	secretURL = regexp.MustCompile(`://[^/@:]*:[^@$][^@]*@`)
)
