#!/usr/bin/env bash
# Time and peak memory of listing 3.31 million names in 9,131 folders, and of
# reading them from a manifest, in order and shuffled.
set -euo pipefail
cd "$(dirname "$0")/.."

printf '%-30s %10s %10s   aim: under 1,000 MB\n' "" "seconds" "peak MB"
for what in Listing Manifest/ordered Manifest/shuffled; do
	go test ./pipeline/dataset -run '^$' -bench "^Benchmark${what/\//\$/^}\$" -benchtime 1x | awk -v what="$what" '
	/^Benchmark/ {
		for (i = 3; i < NF; i += 2) value[$(i + 1)] = $i
		printf "%-30s %10.1f %10.0f\n", what, value["ns/op"] / 1e9, value["peak-MB"]
	}
	/FAIL|_test.go/ { print > "/dev/stderr" }'
done
