package train

import (
	"encoding/json"
	"fmt"

	"github.com/facesieve/facesieve/schemas"
)

// Description is the JSON beside a model, as package embed reads it for a model
// given by its path, and how the model came to be.
type Description struct {
	Role      string                `json:"role"`
	Licence   string                `json:"licence,omitempty"`    // "": nothing is known of it
	TrainedOn string                `json:"trained_on,omitempty"` // likewise
	Contract  schemas.ModelContract `json:"contract"`
	Densities *Densities            `json:"densities,omitempty"`
	Training  Account               `json:"training"`
}

// Account says how a model was made and how good it is.
type Account struct {
	Command    string   `json:"command"`
	Drawn      Drawn    `json:"drawn"`
	Options    Options  `json:"options"`
	Data       string   `json:"data"` // SHA-256 of the aligned training pictures, see Pictures.Digest
	Pictures   int      `json:"pictures"`
	Identities int      `json:"identities"`
	HeldOut    string   `json:"held_out"` // likewise of the held-out pictures
	Measured   Measured `json:"measured"`
	Parameters int      `json:"parameters"` // of the exported model
}

// Drawn are the options that the two sets were drawn with, their seeds among them,
// as JSON; nil: a set is not a drawn one.
type Drawn struct {
	Data    json.RawMessage `json:"data"`
	HeldOut json.RawMessage `json:"held_out"`
}

// Describe returns the JSON beside a finished model. Of pictures that this program
// did not draw it knows neither licence nor origin, and says neither.
func Describe(m *Model, s State, p *Pictures, h *HeldOut, command string, drawn Drawn) ([]byte, error) {
	d := Description{
		Role: "embed",
		Contract: schemas.ModelContract{
			Width: 2 * Side, Height: 2 * Side, Channels: "rgb", Scale: "0.00784313725490196",
			Mean: [3]schemas.Decimal{"1", "1", "1"}, Std: [3]schemas.Decimal{"1", "1", "1"},
			Dim: m.Network.Dim, Points: "arcface-112",
		},
		Training: Account{
			Command: command, Drawn: drawn, Options: s.Options, Data: s.Data, Pictures: p.Len(), Identities: m.Classes,
			HeldOut: h.Pictures.Digest(), Parameters: m.exported(),
		},
	}
	if drawn.Data != nil {
		d.Licence, d.TrainedOn = "Apache-2.0", "synthetic faces drawn by this program; not for photographs"
	}
	if measured := s.History.last(); measured != nil {
		d.Training.Measured = *measured
		d.Densities, d.Training.Measured.Densities = measured.Densities, nil
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return append(text, '\n'), nil
}

// exported is the number of parameters that the ONNX file has.
func (m *Model) exported() (n int) {
	for _, c := range m.Network.convolutions(1) {
		n += c.patch()*c.out + c.out
	}
	return n + m.Network.flat()*m.Network.Dim + m.Network.Dim
}
