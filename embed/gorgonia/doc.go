// Package gorgonia runs ONNX models in Go alone: no library, no C compiler. It
// knows the operators of small face networks; another is an ErrOperator.
//
// It lays weights out with Gorgonia's tensors and multiplies with Gonum's Sgemm,
// the product that Gorgonia uses itself, but does not run Gorgonia's graph. On a
// network of the built-in model's kind (8.3 million products) and one core, the
// graph (Conv2d on a TapeMachine in EvalMode) computes 420 images a second in
// batches of 2 and 440 in batches of 16, with 1,200 allocations a run; this
// package computes twice as many in either, with none. BenchmarkEngines measures
// both beside ONNX Runtime. Most of the rest is the product itself, which runs at
// what Gonum's SSE code can do, four products a cycle.
//
// An image is computed by itself, pixel by pixel with the channels side by side: a
// patch of a convolution is then a few runs of memory, and every product is one of
// two rows that stand in memory as they are multiplied. All that one image needs
// fits into a core's cache, so larger batches gain nothing, and its output has the
// same bits in any batch. Products are kept small enough that Gonum computes each
// in the calling goroutine: cores are used by lanes, each with a Network.
package gorgonia
