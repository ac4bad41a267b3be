package queue

// What the fuzz tests look at.
var (
	TaskSubject = taskSubject
	ParseTask   = parseTask
)
