#!/usr/bin/env bash
# Fetches ONNX Runtime's CPU library into a folder: fetch.sh [FOLDER]
# (default .onnxruntime). The library is pinned by its SHA-256; it comes from the
# Python wheel, or where that can't be had from the npm package.
set -euo pipefail

version=1.30.0
folder=${1:-.onnxruntime}

case "$(uname -s)-$(uname -m)" in
Linux-x86_64)
	npm_path=bin/napi-v6/linux/x64/libonnxruntime.so.1
	pip_sha=c902c70b3003c0e99fada202f37478c515ae9bba7944c2b2abd0017bae0c82ed
	npm_sha=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23
	;;
Linux-aarch64)
	npm_path=bin/napi-v6/linux/arm64/libonnxruntime.so.1
	pip_sha=8a218e1e446880131115c368ec7005969a5022af9a15a26173de648fef0b7789
	npm_sha=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76
	;;
*)
	echo "fetch.sh: no pinned ONNX Runtime for $(uname -s) $(uname -m); install ONNX Runtime $version and name its library with --onnxruntime" >&2
	exit 1
	;;
esac
library=$folder/libonnxruntime.so.$version

sha() { sha256sum "$1" | cut -d' ' -f1; }

# Both packages hold the same version, built twice: each build has its own sum.
pinned() { [[ -f $1 ]] && { [[ $(sha "$1") == "$pip_sha" ]] || [[ $(sha "$1") == "$npm_sha" ]]; }; }

if pinned "$library"; then
	exit 0
fi

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# A wheel holds the library whichever Python it is for: the interpreter here may be
# too old or too new to be offered one.
from_wheel() {
	python3 -m pip download --quiet --disable-pip-version-check --no-deps \
		--only-binary=:all: --python-version 3.12 --implementation cp \
		--platform "manylinux_2_28_$(uname -m)" --platform "manylinux_2_27_$(uname -m)" \
		--dest "$temp" "onnxruntime==$version" &&
		python3 -m zipfile -e "$temp"/onnxruntime-*.whl "$temp/wheel" &&
		cp "$temp/wheel/onnxruntime/capi/libonnxruntime.so.$version" "$temp/library"
}

from_npm() {
	(cd "$temp" && npm pack --silent "onnxruntime-node@$version" >/dev/null) &&
		tar -xzf "$temp/onnxruntime-node-$version.tgz" -C "$temp" "package/$npm_path" &&
		cp "$temp/package/$npm_path" "$temp/library"
}

for source in from_wheel from_npm; do
	rm -f "$temp/library"
	if "$source" && pinned "$temp/library"; then
		mkdir -p "$folder"
		chmod 755 "$temp/library"
		# Under another name first: a program that starts now sees all of it or nothing.
		cp -p "$temp/library" "$library.new"
		mv -f "$library.new" "$library"
		echo "ONNX Runtime $version is at $library"
		exit 0
	fi
	if [[ -f $temp/library ]]; then
		echo "fetch.sh: $source gave a library with SHA-256 $(sha "$temp/library"), not one that is pinned" >&2
	fi
done
echo "fetch.sh: ONNX Runtime $version could not be fetched; install it by hand and name its library with --onnxruntime or \$FACESIEVE_ONNXRUNTIME" >&2
exit 1
