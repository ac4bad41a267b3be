// Package check holds the tests of the dashboard, of the alerts and of the workers' scaler:
// whether each expression in them asks for metrics, and for labels of them, that the
// programs have.
package check
