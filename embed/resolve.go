package embed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// ErrUnknownModel means that a name is neither in the registry nor the path of
// an ONNX file with its contract beside it.
var ErrUnknownModel = errors.New("unknown model")

// description is the JSON beside a model that is given by path.
type description struct {
	Role      Role                  `json:"role"`
	Licence   string                `json:"licence"`
	TrainedOn string                `json:"trained_on"`
	Contract  schemas.ModelContract `json:"contract"`
	Detection schemas.Detection     `json:"detection"`
	Training  json.RawMessage       `json:"training"` // how it came to be: for people
	Densities *Densities            `json:"densities"`
}

// example is a description as an error shows it.
const example = `{"role": "embed", "contract": {"width": 112, "height": 112, "channels": "rgb", ` +
	`"scale": "0.00784313725490196", "mean": ["1", "1", "1"], "std": ["1", "1", "1"], ` +
	`"dim": 512, "points": "arcface-112"}}`

// detectorExample is likewise a detector's.
const detectorExample = `{"role": "detect", "detection": {"decoding": "yunet-1", "size": 320, ` +
	`"score": "0.5", "nms": "0.3"}}`

// Resolve returns the model of a name: one of the registry's, or the path of an
// .onnx file whose description stands beside it in PATH.json: its role ("embed"
// or "detect") and its contract, or a detector's detection. Such a file's digest is
// computed here. Errors wrap ErrUnknownModel, ErrContract or fs.ErrNotExist.
func Resolve(name string) (Model, error) {
	var names []string
	for _, m := range Models() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	if !strings.HasSuffix(name, ".onnx") {
		return Model{}, origin.Errorf("embed", "%w %q: name one of %s, or the path of an .onnx file",
			ErrUnknownModel, name, strings.Join(names, ", "))
	}
	m, err := resolveFile(name)
	if err != nil {
		return Model{}, origin.Errorf("embed", "model %s: %w", name, err)
	}
	return m, nil
}

func resolveFile(path string) (Model, error) {
	size, digest, err := digestFile(path)
	if err != nil {
		return Model{}, err
	}
	text, err := os.ReadFile(path + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return Model{}, fmt.Errorf("%w: write its contract into %s.json, for example %s, or a detector's, as %s: %w",
			ErrContract, filepath.Base(path), example, detectorExample, err)
	}
	if err != nil {
		return Model{}, err
	}
	m, err := describe(text)
	m.Name, m.File, m.Bytes, m.SHA256 = strings.TrimSuffix(filepath.Base(path), ".onnx"), path, size, digest
	return m, err
}

// describe reads the JSON beside a model.
func describe(text []byte) (Model, error) {
	m, err := readDescription(text)
	if err != nil {
		return m, err
	}
	return m, m.validate()
}

func readDescription(text []byte) (Model, error) {
	var d description
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return Model{}, fmt.Errorf("%w: the JSON beside it: %w", ErrContract, err)
	}
	return Model{
		Role: d.Role, Licence: d.Licence, TrainedOn: d.TrainedOn,
		Contract: d.Contract, Detection: d.Detection, Densities: d.Densities,
	}, nil
}

func (m Model) validate() error {
	spec := schemas.EmbedSpec{Alignment: Alignment, Flip: FlipNone, Decode: Decode, Contract: m.Contract}
	switch m.Role {
	case RoleEmbed:
	case RoleDetect:
		spec.Contract, spec.Detector, spec.Detection = Models()[0].Contract, "any", m.Detection
	default:
		return fmt.Errorf("%w: role %q must be %q or %q", ErrContract, m.Role, RoleEmbed, RoleDetect)
	}
	_, err := newParameters(spec)
	return err
}

// digestFile gives a file's length and SHA-256.
func digestFile(path string) (int64, schemas.Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return n, schemas.Digest(hex.EncodeToString(sum.Sum(nil))), err
}
