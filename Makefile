# What to type here:
#
#   make demo     build, fetch the default model, start the daemon, chat, swap the template, chat again
#   make test     everything that must hold
#   make build    the release binaries: .build/release/workbenchd and .build/release/workbench
#   make run      the daemon in the foreground, with the default model
#   make format   rewrite the sources as the linter wants them
#   make lint     swift format, strictly
#   make protos   regenerate Sources/WorkbenchAPI/Generated from Protos
#   make plugins  the teaching plugins, into plugins/build
#   make bench    speed against llama.cpp, tokenizers, sentencepiece and jinja2, side by side (builds llama.cpp once, about
#                 five minutes); make bench ONLY="sampling templates" runs some of it
#   make model    fetch the default model (SmolLM2-135M-Instruct, Q4_1, 98 MB) into .cache

SHELL := /bin/bash
SWIFT := swift
STRICT := --explicit-target-dependency-import-check error
MODEL := .cache/models/SmolLM2-135M-Instruct.Q4_1.gguf
SOURCES := Package.swift Sources Tests
TEST = WORKBENCH_TEST_MODEL=$(CURDIR)/$(MODEL) WORKBENCH_TEST_PYTHON=$(CURDIR)/.cache/python/bin/python3 \
  SWIFT_BACKTRACE=enable=no $(SWIFT) test --skip-build

.PHONY: demo test build run format lint protos plugins bench model packages python clean
.DEFAULT_GOAL := build

packages:
	@Tests/Setup/system_packages.sh

model: packages
	@Tests/Setup/default_model.sh $(MODEL)

# What the tests compare with and drive the daemon from, by name and version.
python: packages
	@Tests/Setup/python.sh

build: packages
	$(SWIFT) build -c release $(STRICT) --product workbenchd
	$(SWIFT) build -c release $(STRICT) --product workbench

demo: build model
	@examples/demo.sh .build/release $(MODEL)

run: build model
	.build/release/workbenchd --model $(MODEL)

test: model python
	$(SWIFT) build --build-tests $(STRICT)
	$(TEST) --skip EndToEndTests
	# One at a time: these measure how soon a daemon answers, which other tests' work would distort.
	$(TEST) --no-parallel --filter EndToEndTests

format:
	$(SWIFT) format -i -r --configuration .swift-format $(SOURCES)

lint:
	$(SWIFT) format lint --strict -r --configuration .swift-format $(SOURCES)

protos: packages
	$(SWIFT) build -c release --product protoc-gen-swift
	Protos/generate.sh $(CURDIR)/.build/release/protoc-gen-swift

plugins: packages
	$(MAKE) -C plugins

bench: build model
	Tests/Benchmarks/run.sh $(MODEL) $(ONLY)

clean:
	rm -rf .build .cache
