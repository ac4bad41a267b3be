package validate

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// Pods is what makes pods: an object, or one Job of a JobSet.
type Pods struct {
	Of       string // its kind and name
	Job      *batchv1.JobSpec
	Template corev1.PodTemplateSpec
}

// Containers returns all containers, those that run first included.
func (p *Pods) Containers() []corev1.Container {
	return append(append([]corev1.Container{}, p.Template.Spec.InitContainers...), p.Template.Spec.Containers...)
}

// PodsOf returns what makes pods among the objects.
func PodsOf(objects []*Object) ([]Pods, error) {
	var all []Pods
	for _, o := range objects {
		switch x := o.Typed.(type) {
		case *batchv1.Job:
			all = append(all, Pods{o.Name(), &x.Spec, x.Spec.Template})
		case *appsv1.Deployment:
			all = append(all, Pods{o.Name(), nil, x.Spec.Template})
		case *appsv1.StatefulSet:
			all = append(all, Pods{o.Name(), nil, x.Spec.Template})
		}
		if o.Type.Kind == "JobSet" {
			set, err := podsOfSet(o)
			if err != nil {
				return nil, err
			}
			all = append(all, set...)
		}
	}
	return all, nil
}

// podsOfSet returns the Jobs of a JobSet, whose own schema has been checked.
func podsOfSet(o *Object) ([]Pods, error) {
	text, err := json.Marshal(o.Fields["spec"])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name(), err)
	}
	var set struct {
		ReplicatedJobs []struct {
			Name     string
			Template batchv1.JobTemplateSpec
		}
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name(), err)
	}
	var all []Pods
	for i := range set.ReplicatedJobs {
		job := &set.ReplicatedJobs[i]
		all = append(all, Pods{o.Name() + ", Job " + job.Name, &job.Template.Spec, job.Template.Spec.Template})
	}
	return all, nil
}
