#!/usr/bin/env bash
# Images a second: the networks alone, the whole engine, a plain Python script,
# and an engine whose networks cost nothing beside a bare loop. Five runs by turns
# on all cores; ratios are of runs side by side. The processor-time ratios hold on
# a machine that is busy with other things, too.
set -euo pipefail
cd "$(dirname "$0")/.."
unset "${!OPENBLAS_@}"

CI=true go test ./embed -run '^$' -bench 'Pipeline|Overhead' -benchtime "${RUNS:-5}x" -timeout 30m | awk '
function row(name, text, target) {
	if (!(name in value)) return
	printf "%-58s %8.2f %8.2f %8.2f   %s\n", text, value[name], value[name "-min"], value[name "-max"], target
}
/sessions x/ { sub(/^.*go:[0-9]+: /, ""); print; next }
/^Benchmark/ { for (i = 3; i < NF; i += 2) value[$(i + 1)] = $i; next }
/^(goos|goarch|pkg|PASS)/ { next }
{ print }
END {
	printf "\n%-58s %8s %8s %8s\n", "", "median", "lowest", "highest"
	row("bare", "networks alone on tensors that are ready, images/s")
	row("whole", "whole engine, files to vectors, images/s")
	row("plain", "plain Python script, images/s")
	row("opencv", "  with OpenCV\047s class for the detector, images/s")
	row("whole/bare", "whole engine / networks alone", "aim: .87")
	row("whole/bare-cpu", "  by processor time")
	row("whole/plain", "whole engine / plain script", "aim: 1.1")
	row("whole/plain-cpu", "  by processor time")
	row("whole/opencv", "whole engine / plain script with OpenCV\047s class", "aim: 1.1")
	row("whole/opencv-cpu", "  by processor time")
	row("loop", "bare loop of decode, letterbox, warp, images/s")
	row("null", "engine on networks that cost nothing, images/s")
	row("null/loop", "engine on such networks / bare loop", "aim: .85")
	row("null/loop-cpu", "  by processor time")
}'
