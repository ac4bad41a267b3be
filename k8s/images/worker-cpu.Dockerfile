# The worker with ONNX Runtime for CPUs: the program, the library, and of Debian the
# files that these two load. From the repository's root:
#
#   docker buildx build --platform linux/amd64,linux/arm64 --file k8s/images/worker-cpu.Dockerfile .
#
# k8s/pin adds the digest of each tag.
FROM python:3.13.9-slim-trixie AS onnxruntime
WORKDIR /src
COPY embed/onnx/fetch.sh ./
RUN ./fetch.sh /onnxruntime

# The binding of ONNX Runtime needs a C compiler for the target, so this stage runs on
# the target's platform.
FROM golang:1.26.8-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=onnxruntime /onnxruntime/ .onnxruntime/
ARG VERSION=unknown
RUN VERSION=$VERSION k8s/images/root worker-cpu /image

FROM scratch
COPY --from=build /image/ /
ENV HOME=/tmp XDG_CACHE_HOME=/cache FACESIEVE_ONNXRUNTIME=/lib/onnxruntime/libonnxruntime.so
USER 65534:65534
ENTRYPOINT ["/worker"]
