#!/usr/bin/env bash
# Time and peak memory of listing 3.31 million names in 9,131 folders, of reading
# them from a manifest, in order and shuffled, and of the coordinator's whole plan
# over them (read, hashed and cut into shards; nothing is written).
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

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/coordinator" ./coordinator
awk 'BEGIN {
	print "path,identity,size"
	folders = 9131; images = 3310000; mean = int(images / folders)
	for (i = 0; i < folders; i++) {
		n = i < folders - 1 ? mean : images - mean * (folders - 1)
		for (k = 0; k < n; k++) printf "train/n%06d/%05d_01.jpg,n%06d,20000\n", i, k, i
	}
}' >"$dir/names.csv"
.venv/bin/python - "$dir" <<'PYTHON'
import resource, subprocess, sys, time

folder = sys.argv[1]
began = time.time()
subprocess.run([f"{folder}/coordinator", "run", "--data", folder, "--manifest", f"{folder}/names.csv", "--store", f"{folder}/store",
                "--dry-run"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
print(f"{'whole plan, dry run':30} {time.time() - began:10.1f} {peak:10.0f}")
PYTHON
