#!/usr/bin/env bash
# Peak memory of a process that embeds 500 photographs, and of one that embeds
# 3,000.
set -euo pipefail
cd "$(dirname "$0")/.."

peak() {
	CI=true go test ./embed -run '^$' -bench "Memory/^$1\$" -benchtime 1x |
		awk '/^Benchmark/ { for (i = 3; i < NF; i += 2) if ($(i + 1) == "peak-MB") print $i } /FAIL|bench_test|memory_test/ { print > "/dev/stderr" }'
}
few=$(peak 500)
many=$(peak 3000)
awk -v few="$few" -v many="$many" 'BEGIN {
	printf "peak memory, MB: %.0f after 500 images, %.0f after 3,000 (%+.1f %%; aim: within 10 %%)\n", few, many, 100 * (many / few - 1)
}'
