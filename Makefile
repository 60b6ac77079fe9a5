# What to type here:
#
#   make demo     build, fetch the default model, chat, swap the template while the model stays loaded, chat again
#   make test     every test, with what they need
#   make build    build the release binaries: .build/release/workbenchd and .build/release/workbench
#   make run      run the daemon in the foreground, with the default model
#   make gateway  build .build/release/workbench-gateway, the daemon's door for HTTP clients and browsers
#   make run-gateway  run it in the foreground, in front of a daemon that runs
#   make format   format the sources
#   make lint     check the format of the sources, strictly
#   make lines    lines of source and of tests, and recorded cases, of each module
#   make protos   regenerate the messages of WorkbenchAPI and WorkerProtocol from Protos
#   make plugins  build the example plugins into plugins/build
#   make bench    measure speed beside llama.cpp, tokenizers, sentencepiece and jinja2 (builds llama.cpp once, which takes
#                 about five minutes); make bench ONLY="sampling templates" runs a part
#   make soak     streams with cancels and killed clients, then made-up messages, for minutes or as long as SECONDS says
#   make model    fetch the default model (SmolLM2-135M-Instruct, Q4_1, 98 MB) into .cache

SHELL := /bin/bash
SWIFT := swift
STRICT := --explicit-target-dependency-import-check error
MODEL := .cache/models/SmolLM2-135M-Instruct.Q4_1.gguf
SOURCES := Package.swift Sources Tests
TEST = WORKBENCH_TEST_MODEL=$(CURDIR)/$(MODEL) WORKBENCH_TEST_PYTHON=$(CURDIR)/.cache/python/bin/python3 \
  SWIFT_BACKTRACE=enable=no $(SWIFT) test --skip-build

.PHONY: demo test build run gateway run-gateway format lint lines protos plugins bench soak model packages python browser clean
.DEFAULT_GOAL := build

packages:
	@Tests/Setup/system_packages.sh

model: packages
	@Tests/Setup/default_model.sh $(MODEL)

# The Python packages that tests compare with, and drive the daemon from.
python: packages
	@Tests/Setup/python.sh

# The browser in which tests drive the page, and a client for what is not HTTP as it should be.
browser:
	@Tests/Setup/system_packages.sh chromium chromium-driver curl

build: packages
	$(SWIFT) build -c release $(STRICT) --product workbenchd
	$(SWIFT) build -c release $(STRICT) --product workbench

demo: build model
	@examples/demo.sh .build/release $(MODEL)

run: build model
	.build/release/workbenchd --model $(MODEL)

gateway: packages
	$(SWIFT) build -c release $(STRICT) --product workbench-gateway

run-gateway: gateway
	.build/release/workbench-gateway

test: model python browser
	$(SWIFT) build --build-tests $(STRICT)
	$(TEST) --skip EndToEndTests </dev/null
	# With the programs as users run them. One at a time: these check how soon a daemon answers, which other tests running
	# beside them would distort.
	$(MAKE) build gateway
	WORKBENCH_TEST_PRODUCTS=$(CURDIR)/.build/release $(TEST) --no-parallel --filter EndToEndTests </dev/null

format:
	$(SWIFT) format -i -r --configuration .swift-format $(SOURCES)

lint:
	$(SWIFT) format lint --strict -r --configuration .swift-format $(SOURCES)

lines:
	@python3 Tests/Setup/lines.py

protos: packages
	$(SWIFT) build -c release --product protoc-gen-swift
	Protos/generate.sh $(CURDIR)/.build/release/protoc-gen-swift

plugins: packages
	$(MAKE) -C plugins

bench: build model
	Tests/Benchmarks/run.sh $(MODEL) $(ONLY)

soak: build model python
	.cache/python/bin/python3 Tests/Soak/streams.py .build/release $(MODEL) --seconds $(or $(SECONDS),120)
	.cache/python/bin/python3 Tests/Soak/messages.py .build/release $(MODEL)

clean:
	rm -rf .build .cache
