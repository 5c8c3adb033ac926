# After installation each target is one Python call, which Windows users
# without make can type themselves; `make help` shows it.

PYTHON ?= python3
RUN := .venv/bin/python -m
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install course test lab build check slides lint format clean

help:  ## this list
	@echo "target    what it does: the call behind it"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile \
		| awk -F'|' '{ printf "%-9s %s\n", $$1, $$2 }'

install: $(INSTALLED)  ## .venv with TensorFlow, JAX and all tools: pip

$(INSTALLED): pyproject.toml constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	$(RUN) pip install -e ".[tensorflow,jax,dev]" -c constraints.txt
	touch $@

course: $(INSTALLED)  ## build, grade a sample class, slides: python -m autograder course
	$(RUN) autograder course

test: $(INSTALLED)  ## all tests on TensorFlow and on JAX: python -m course test
	$(RUN) course test

lab: $(INSTALLED)  ## JupyterLab on the student notebooks: python -m course lab
	$(RUN) course lab

build: $(INSTALLED)  ## student notebooks from solutions/: python -m autograder build
	$(RUN) autograder build

check: $(INSTALLED)  ## are the student notebooks current: python -m autograder build --check
	$(RUN) autograder build --check

slides: build  ## the slides of lecture 12: python -m autograder slides
	$(RUN) autograder slides

lint: $(INSTALLED)  ## style and format: python -m course lint
	$(RUN) course lint

format: $(INSTALLED)  ## mend style and format: python -m course format
	$(RUN) course format

clean: $(INSTALLED)  ## remove build/: python -m autograder clean
	$(RUN) autograder clean
