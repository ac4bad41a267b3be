package validate

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// secrets are the Secrets that a user makes; the README says how.
func secrets() []string { return []string{"facesieve-s3", "facesieve-nats", "facesieve-nats-tls"} }

// references refuses names of what the rendering does not hold, and Secrets that no user
// is told of.
func (b *broken) references(p *Pods, objects []*Object) {
	there := func(kind, name string) {
		if !slices.ContainsFunc(objects, func(o *Object) bool { return o.Type.Kind == kind && o.Meta.Name == name }) {
			b.add("%s: there is no %s %s", p.Of, kind, name)
		}
	}
	secret := func(name string) {
		if !slices.Contains(secrets(), name) {
			b.add("%s: nobody makes a Secret %s", p.Of, name)
		}
	}
	if name := p.Template.Spec.ServiceAccountName; name != "" {
		there("ServiceAccount", name)
	}
	volumes := map[string]bool{}
	for _, v := range p.Template.Spec.Volumes {
		volumes[v.Name] = true
		switch {
		case v.ConfigMap != nil:
			there("ConfigMap", v.ConfigMap.Name)
		case v.PersistentVolumeClaim != nil:
			there("PersistentVolumeClaim", v.PersistentVolumeClaim.ClaimName)
		case v.Secret != nil:
			secret(v.Secret.SecretName)
		}
	}
	for _, c := range p.Containers() {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] && p.Job != nil {
				b.add("%s: there is no volume %s", p.Of, m.Name)
			}
		}
		for _, e := range c.EnvFrom {
			if e.SecretRef != nil {
				secret(e.SecretRef.Name)
			}
		}
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				secret(e.ValueFrom.SecretKeyRef.Name)
			}
		}
		b.probes(p.Of+", container "+c.Name, &c)
	}
}

// probes refuses probes of ports that the container does not name.
func (b *broken) probes(of string, c *corev1.Container) {
	for _, probe := range []*corev1.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil {
			continue
		}
		port := probe.HTTPGet.Port.StrVal
		if !slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.Name == port }) {
			b.add("%s: a probe asks port %q", of, port)
		}
	}
}
