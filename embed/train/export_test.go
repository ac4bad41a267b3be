package train

import (
	"bytes"
	"errors"
	"testing"
)

// The exported model computes what the trained one does, and a wrong one is found.
func TestExport(t *testing.T) {
	p, h := blobs(1, 6, 6, Margin), heldOut(100, 10)
	o := small()
	o.Epochs = 2
	m, _, err := Train(t.Context(), o, p, h, Run{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	onnx, err := m.ONNX()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.ONNX(); err != nil || !bytes.Equal(onnx, again) {
		t.Errorf("a second export has other bytes: %v", err)
	}
	if cosine, err := m.Check(onnx, h, 20); err != nil || cosine < .99999 {
		t.Errorf("the exported model differs: cosine %v, %v", cosine, err)
	}
	for _, s := range m.Moments {
		s.Values[0] += 1
	}
	if cosine, err := m.Check(onnx, h, 20); !errors.Is(err, ErrExport) {
		t.Errorf("another model passes for the exported one: cosine %v, %v", cosine, err)
	}
}
