package validate

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"sigs.k8s.io/yaml"
)

// Object is one object of a rendering.
type Object struct {
	Type   metav1.TypeMeta
	Meta   metav1.ObjectMeta
	Typed  runtime.Object // of Kubernetes' own types; nil for a custom resource
	Fields map[string]any // as it is written
}

// Name returns an object's kind and name.
func (o *Object) Name() string { return o.Type.Kind + " " + o.Meta.Name }

// Decoder decodes objects strictly.
type Decoder struct {
	native *json.Serializer
	known  *runtime.Scheme
	custom Schemas
}

// NewDecoder returns a decoder of Kubernetes' own types and of custom resources with
// these schemas.
func NewDecoder(custom Schemas) (*Decoder, error) {
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, batchv1.AddToScheme,
		appsv1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme} {
		if err := add(known); err != nil {
			return nil, fmt.Errorf("types: %w", err)
		}
	}
	return &Decoder{known: known, custom: custom, native: json.NewSerializerWithOptions(json.DefaultMetaFactory,
		known, known, json.SerializerOptions{Yaml: true, Strict: true})}, nil
}

// Decode returns the object that a text holds. A field or a kind that is not known, a
// field that stands twice, and a value of another type are errors.
func (d *Decoder) Decode(text []byte) (*Object, error) {
	o := &Object{}
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("no object: %w", err)
	}
	o.Type, o.Meta = head.TypeMeta, head.Metadata
	if err := yaml.UnmarshalStrict(text, &o.Fields); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name(), err)
	}
	kind := o.Type.GroupVersionKind()
	var err error
	switch {
	case d.known.Recognizes(kind):
		o.Typed, _, err = d.native.Decode(text, nil, nil)
	case d.custom[kind] != nil:
		err = d.custom[kind].Check(o.Fields)
	default:
		err = errors.New("no such kind is known: " + kind.String())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name(), err)
	}
	return o, nil
}

// DecodeAll decodes all objects of a rendering, and tells of all that is wrong.
func (d *Decoder) DecodeAll(texts [][]byte) ([]*Object, error) {
	var objects []*Object
	var wrong []error
	for _, text := range texts {
		o, err := d.Decode(text)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		objects = append(objects, o)
	}
	return objects, errors.Join(wrong...)
}
