package labelnoise

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
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

// ReadPrior reads a prior as JSON. One that lacks a part is refused.
func ReadPrior(r io.Reader) (Prior, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var p Prior
	parts := p.parts()
	for _, x := range parts {
		*x = math.NaN() // which no JSON holds
	}
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("read prior: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return p, fmt.Errorf("read prior: %w", errAfter)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if math.IsNaN(*parts[name]) {
			return p, fmt.Errorf("read prior: no %s", name)
		}
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

// parts returns a number of each part that a prior must have, by its name.
func (p *Prior) parts() map[string]*float64 {
	return map[string]*float64{
		"impostor_mean": &p.Units.Mean, "impostor_spread": &p.Units.Spread, "log_length": &p.Units.LogLength,
		"detector": &p.Units.Detector, "feature_center": &p.Center[0], "feature_scale": &p.Scale[0],
		"weights of flip": &p.Many.Flip[0], "weights of outlier": &p.Many.Outlier[0],
		"weights of outlier_in_company": &p.Many.OutlierInCompany[0],
		"few_weights of flip":           &p.Few.Flip[0], "few_weights of outlier": &p.Few.Outlier[0],
		"few_weights of outlier_in_company": &p.Few.OutlierInCompany[0],
		"intercept":                         &p.Calibration.Intercept, "slope": &p.Calibration.Slope,
		"calibration_without_detector": &p.WithoutDetector.Intercept,
	}
}

var errAfter = errors.New("something stands after its end")

var errScale = errors.New("a scale, a slope or a spread is not above 0")
