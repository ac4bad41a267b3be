# The coordinator: one static program and the certificates that it trusts. From the
# repository's root:
#
#   docker buildx build --platform linux/amd64,linux/arm64 --file k8s/images/coordinator.Dockerfile .
#
# k8s/pin adds the digest of each tag.
FROM --platform=$BUILDPLATFORM golang:1.26.8-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=unknown
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH VERSION=$VERSION k8s/images/root coordinator /image

FROM scratch
COPY --from=build /image/ /
ENV HOME=/tmp XDG_CACHE_HOME=/cache
USER 65534:65534
ENTRYPOINT ["/coordinator"]
