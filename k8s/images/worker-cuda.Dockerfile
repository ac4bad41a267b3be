# The worker with ONNX Runtime for NVIDIA GPUs, linux/amd64: the program, the library,
# CUDA 13 and cuDNN, and of Debian the files that these load. The driver comes from the
# node, 580 or newer. From the repository's root:
#
#   docker buildx build --platform linux/amd64 --file k8s/images/worker-cuda.Dockerfile .
#
# k8s/pin adds the digest of each tag.
FROM python:3.13.9-slim-trixie AS onnxruntime
WORKDIR /src
COPY k8s/images/cuda.sh k8s/images/cuda-requirements.txt ./
RUN ./cuda.sh /onnxruntime

FROM golang:1.26.8-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=onnxruntime /onnxruntime/ .onnxruntime/
ARG VERSION=unknown
RUN VERSION=$VERSION k8s/images/root worker-cuda /image

FROM scratch
COPY --from=build /image/ /
ENV HOME=/tmp XDG_CACHE_HOME=/cache FACESIEVE_ONNXRUNTIME=/lib/onnxruntime/libonnxruntime.so \
    LD_LIBRARY_PATH=/lib/onnxruntime NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 65534:65534
ENTRYPOINT ["/worker"]
