package labelnoise

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Prior is what a Model starts from and is held to: weights learnt from collections
// whose labels are known, in units of their sets. bench/quality makes it.
type Prior struct {
	Name        string      `json:"name"`        // of these weights, for the reader of a report
	Collections []string    `json:"collections"` // that the weights were learnt from
	Units       Units       `json:"units"`       // generic ones, which those of few identities lean on
	Center      Features    `json:"feature_center"`
	Scale       Features    `json:"feature_scale"`
	Many        Weights     `json:"weights"`     // for a set of many identities
	Few         Weights     `json:"few_weights"` // for one of fewer than FewIdentities
	Calibration Calibration `json:"calibration"`

	// For sets without detector scores: there a hard face is not told from a wrong one.
	WithoutDetector Calibration `json:"calibration_without_detector"`
}

// FewIdentities is the number of identities below which a set is judged by weights
// learnt from sets as small.
const FewIdentities = 20

//go:embed prior.json
var shippedPrior []byte

// ShippedPrior returns the prior that is part of this package.
func ShippedPrior() (Prior, error) { return ReadPrior(bytes.NewReader(shippedPrior)) }

// ReadPrior reads a prior as JSON.
func ReadPrior(r io.Reader) (Prior, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var p Prior
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("read prior: %w", err)
	}
	for _, s := range p.Scale {
		if !(s > 0) {
			return p, fmt.Errorf("read prior: %w", errScale)
		}
	}
	if !(p.Calibration.Slope > 0) || !(p.WithoutDetector.Slope > 0) || !(p.Units.Spread > 0) {
		return p, fmt.Errorf("read prior: %w", errScale)
	}
	return p, nil
}

var errScale = errors.New("a scale, a slope or a spread is not above 0")
