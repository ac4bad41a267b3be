// Package pipeline is the house of what happens between a list of images and a
// report, one room a folder, in the order of the data:
//
//	dataset   what a source holds: layouts, manifests, an image read by its row
//	store     named immutable objects: a folder, S3, memory
//	queue     tasks on NATS JetStream
//	plan      a request -> shards, and the run's Spec and Plan
//	runstore  what a run has in its store, read and written
//	stage     embed, aggregate, match, calibrate, judge, report: what is done to the
//	          data; verify scores a protocol with a run's vectors
//	run       the coordinator's side: stages in order, tasks settled
//	work      the worker's side: tasks taken under leases, and done
//	report    a finished report read back
//	admin     status, garbage collection, forecast
//
// It holds no code of its own; the tests of the whole stand here.
package pipeline
