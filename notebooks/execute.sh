#!/usr/bin/env bash
# Executes report.ipynb on a report and writes the result, a notebook or a page by
# its name's ending:
#
#   REPORT=facesieve/runs/RUNID/report DATA=/data/faces REFERENCE=/data/lfw notebooks/execute.sh report.html
#
# Paths are taken from the current folder. `make venv` gets what it needs.
set -euo pipefail

out=${1:?usage: REPORT=... DATA=... REFERENCE=... notebooks/execute.sh OUT.ipynb or OUT.html}
here=$(cd "$(dirname "$0")" && pwd)
case $out in
*.html) form=html ;;
*.ipynb) form=notebook ;;
*)
	echo "$out: the name has to end in .html or .ipynb" >&2
	exit 2
	;;
esac
# From standard input a notebook runs in the current folder, not in its own.
exec "$here/../.venv/bin/python" -m nbconvert --execute --stdin --to "$form" --log-level WARN \
	--output-dir "$(dirname "$out")" --output "$(basename "${out%.*}")" <"$here/report.ipynb"
