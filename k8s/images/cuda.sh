#!/usr/bin/env bash
# Fetches ONNX Runtime with CUDA and the libraries that it loads into a folder, for
# linux/amd64: cuda.sh FOLDER. All are pinned by their SHA-256 in cuda-requirements.txt.
set -euo pipefail

folder=${1:?usage: cuda.sh FOLDER}
here=$(dirname "$0")
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
	--only-binary=:all: --python-version 3.12 --implementation cp \
	--platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux2014_x86_64 \
	--platform manylinux2010_x86_64 --platform manylinux1_x86_64 \
	--dest "$temp" --requirement "$here/cuda-requirements.txt"

mkdir -p "$folder"
for wheel in "$temp"/*.whl; do
	python3 -m zipfile -e "$wheel" "$temp/wheel"
	rm "$wheel"
	find "$temp/wheel" -type f \( -name 'libonnxruntime.so*' -o -name 'libonnxruntime_providers_shared.so' \
		-o -name 'libonnxruntime_providers_cuda.so' -o -path '*/nvidia/*/lib*.so*' \) -exec mv -t "$folder" {} +
	rm -r "$temp/wheel"
done
# The compiler's parts that embedding never loads.
rm -f "$folder"/libnvrtc*.alt.so.* "$folder"/libcufftw.so.* "$folder"/libnvblas.so.*
chmod 755 "$folder"/*.so*
