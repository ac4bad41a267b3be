// Package images holds how the programs' container images are made: a Dockerfile each,
// and root, a script that assembles what an image holds. Its tests run both programs in
// such roots, on the machine's own kernel, as a container runtime would.
package images
