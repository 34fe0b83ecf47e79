# Needs Python 3.11, pip and make; everything else comes from the Python package index.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo run worker beat test lint train bench clean help
.DEFAULT_GOAL := help

help:  ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.serve: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.queue: $(VENV)/.serve requirements-queue.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-queue.txt
	touch $@

$(VENV)/.dev: $(VENV)/.serve requirements-dev.txt requirements-train.txt requirements-queue.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-train.txt -r requirements-dev.txt
	touch $@

demo: $(VENV)/.serve  ## Start the server, analyse the three sample calls, stop
	$(BIN)/python -m scripts.demo

run: $(VENV)/.serve $(if $(MOKSORI_QUEUE_URL),$(VENV)/.queue)  ## Keep the server running (MOKSORI_* settings apply)
	exec $(BIN)/gunicorn -c deploy/gunicorn.conf.py 'app:create_app()'

worker: $(VENV)/.queue  ## A Celery worker (needs MOKSORI_QUEUE_URL)
	exec $(BIN)/python -m scripts.worker

beat: $(VENV)/.queue  ## The scheduler of the workers: one per installation
	exec $(BIN)/python -m scripts.worker --beat

test: $(VENV)/.dev  ## Run the whole suite
	$(BIN)/python -m pytest

lint: $(VENV)/.dev  ## Ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

train: $(VENV)/.dev  ## Train both models again (DATA=folder with text/ and voice/, ATTACKS=folder of scripts.make_attacks)
	$(BIN)/python -m scripts.train_text --data $(DATA)
	$(BIN)/python -m scripts.train_voice --attacks $(ATTACKS) --data $(DATA) --activate

bench: $(VENV)/.dev  ## CER, RTF and the ratio to a plain pipeline (DATA as above)
	$(BIN)/python -m scripts.bench --data $(DATA)

clean:  ## Remove the environment, caches and local state
	rm -rf $(VENV) .cache var .mypy_cache .ruff_cache .pytest_cache
