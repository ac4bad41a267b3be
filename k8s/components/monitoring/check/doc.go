// Package check holds the tests of the dashboard and of the alerts: whether each
// expression in them asks for metrics, and for labels of them, that the programs have.
package check
