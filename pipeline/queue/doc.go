// Package queue is a work queue of tasks on NATS JetStream: one stream a run.
//
// What is done stands in the store; the queue only says what to do: a task that is
// delivered twice is done twice with the same result, and a queue that is lost is
// filled again from what the store lacks.
//
// # Settings
//
// A run's stream keeps a task until a worker says it is done (work-queue
// retention), in files, and holds at most one message for each subject, refusing
// a second one: a task has a subject of its own, so pushing a pending task does
// nothing, and pushing it after it is done works again. The limit on deliveries
// is off, since a message that ran out of them would stay in the stream, never
// be delivered, and refuse its own repetition. A worker pulls one task at a
// time; a pull asks for no task that nobody works on.
//
// # Deaths and releases
//
// The server counts deliveries and knows not why one came to nothing. A worker
// that gives a task back says so before: [Lease.Release] and [Lease.Retry] store
// an empty message, "word was left", under the task's sequence and delivery, and
// only then refuse the delivery. Deliveries without a word are deaths
// ([Lease.Deaths]): the worker was killed, cut off or suspended for AckWait.
//
// # Who begins a run
//
// [Conn.Create] opens the stream or makes it, and claims the run where nobody is at work
// on it: the first message on the claim's subject wins, and says itself whose it is,
// whatever became of its answer. Who has claimed the run does what has to be done at its
// beginning ([CreateOptions].Begin), and says so in the stream; only then are there
// consumers, so that workers can join, and only then does Create return to others who
// come meanwhile. A coordinator listens on a subject of its own for as long as it is at
// work: where nobody listens the server says so at once, and the next one claims the run.
// One that has no connection for a while counts as gone.
//
// # A server that comes back
//
// A connection is mended for ever. While it is down [Queue.Push], [Queue.Pull]
// and [Lease.Done] wait, as long as their context lasts, and go on after it is
// up. A server that kept its files kept the queue. A server that lost them
// answers that there is no stream: everything returns [ErrClosed], and held
// leases end with [ErrLost] at their next renewal. The same happens on
// [Queue.Delete], which says the run is over, so a worker that gets ErrClosed
// looks for the run's report: with a report it is finished, without one it joins
// again until the coordinator has called [Conn.Create] and pushed what the store
// lacks. A lease from before the loss cannot settle a task of the new stream:
// each stream's consumer has a name of its own.
package queue
