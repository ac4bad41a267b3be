// Package gorgonia runs ONNX models in Go alone: no library, no C compiler. It
// knows the operators of small face networks; another is an ErrOperator.
//
// It lays weights out with Gorgonia's tensors but does not run Gorgonia's graph,
// which BenchmarkEngines measures beside it, on a network of the built-in model's
// size (8.3 million products an image), on one core. The graph (Conv2d on a
// TapeMachine in EvalMode) computes 350 to 440 images a second in batches of 2 and
// 500 in batches of 16, with 1,200 allocations a run. The product of package matmul,
// which the trainer uses too and whose BenchmarkAdd has Gonum's beside it, gives
// five times as many, half of what ONNX Runtime does with one thread. That is what
// was chosen; a run allocates nothing.
//
// An image is computed by itself, pixel by pixel with the channels side by side: a
// patch of a convolution is then a few runs of memory. All that one image needs
// fits into a core's cache, so larger batches gain nothing, and its output has the
// same bits in any batch. A product runs in the calling goroutine: cores are used
// by device workers, each with a Network. Processors without AVX2 and FMA compute other
// bits; an engine's numeric kind tells them apart.
package gorgonia
