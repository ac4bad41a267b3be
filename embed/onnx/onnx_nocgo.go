//go:build !cgo

package onnx

// Session is an open model. Without cgo there is none.
type Session struct{}

// Open fails with ErrNoEngine: ONNX Runtime is not built in.
func Open([]byte, Options) (*Session, error) { return nil, ErrNoEngine }

// Inputs returns nil.
func (*Session) Inputs() []Port { return nil }

// Outputs returns nil.
func (*Session) Outputs() []Port { return nil }

// Batches returns false.
func (*Session) Batches() bool { return false }

// Bind fails with ErrNoEngine.
func (*Session) Bind([]int, []string) (*Binding, error) { return nil, ErrNoEngine }

// Close does nothing.
func (*Session) Close() error { return nil }

// Binding is a model together with memory for its runs. Without cgo there is
// none.
type Binding struct{}

// Input returns nil.
func (*Binding) Input() []float32 { return nil }

// Run fails with ErrNoEngine.
func (*Binding) Run(int) ([][]float32, error) { return nil, ErrNoEngine }

// Close does nothing.
func (*Binding) Close() error { return nil }
