"""How good facesieve's verdicts are on real faces with simulated noise: README.md says how it is measured."""
