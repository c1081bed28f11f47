# Two commands: `make run` and `make test`. Each installs what it needs, once; a second start goes straight to work.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .tools/bin/uv
APP := .venv/bin/python
CODE := retention rows language policies compensation risk rootcause twin integrations actions bot service benchmarks tests docs

export PYTHONPATH := $(CURDIR)

.PHONY: run test check bench train widget sequence screenshots lock clean setup

run: .venv/.app .venv-bot/.bot ## start everything: the demo shop, the chat, the console
	@exec $(APP) -m service up

test: .venv/.dev .venv-bot/.bot ## every test; ARGS="tests/unit -k desk" for a part
	@if [ -n "$(ARGS)" ]; then exec $(APP) -m pytest $(ARGS); fi
	@$(APP) -m pytest --numprocesses 2 --dist loadfile tests/unit tests/contract tests/http
	@exec $(APP) -m pytest tests/browser tests/dialogue tests/golden # one trained stack; a browser's event loop bears no other

check: .venv/.dev ## format, lint, types, import contracts, stale locks
	@.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	echo "ruff: clean"
	.venv/bin/mypy $(CODE)
	.venv/bin/lint-imports --no-logo
	.venv/bin/python -m pytest -q tests/unit/test_requirements.py

bench: .venv/.dev .venv-bot/.bot ## make bench ARGS="benchmarks/turns.py"
	@set -- $(ARGS); script=$${1:?'say which: make bench ARGS="benchmarks/turns.py"'}; shift
	@case $$script in *emotion_table*|*risk_table*) $(MAKE) .venv/.train;; esac
	@exec $(APP) -m $$(echo "$${script%.py}" | tr / .) "$$@"

train: .venv/.train .venv-bot/.bot ## train everything anew: language (fine-tunes the encoder), risk, bot
	@exec $(APP) -m service train $(or $(ARGS),all)

widget: .venv/.dev ## write service/static/widget.js from its modules
	@$(APP) -m service.widget_file

sequence: .venv/.train ## learn risk/sequence/sequence.onnx anew; needs torch, some ten minutes
	@OMP_NUM_THREADS=1 $(APP) -m service.sequence_file

screenshots: .venv/.dev .venv-bot/.bot ## write docs/images/*.png anew; needs /usr/bin/chromium
	@exec $(APP) docs/images/make.py

lock: $(UV) ## compile requirements/*.txt from pyproject.toml
	@for pair in bot:3.10 app:3.11 train:3.11 dev:3.11; do
	  group=$${pair%%:*}; constraint=""
	  case $$group in train|dev) constraint="-c requirements/app.txt";; esac
	  echo "requirements/$$group.txt"
	  $(UV) pip compile --quiet --group $$group --python-version $${pair##*:} $$constraint \
	    --generate-hashes --no-emit-index-url --no-header -o requirements/$$group.txt pyproject.toml
	done

clean: ## remove environments and caches; var/ (data, models, secrets) stays
	@rm -rf .venv .venv-bot .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .rasa
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: .venv/.dev .venv-bot/.bot

$(UV):
	@echo "installing uv into .tools ..."
	@python3 -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.app: requirements/app.txt | $(UV)
	@echo "setting up .venv (Python 3.11, the service) ..."
	@$(UV) venv --quiet --allow-existing --python 3.11 .venv 2>/dev/null || $(UV) venv --allow-existing --python 3.11 .venv
	@$(UV) pip sync --quiet --python .venv --require-hashes requirements/app.txt
	@rm -f .venv/.dev .venv/.train && touch $@

.venv/.dev: .venv/.app requirements/dev.txt | $(UV)
	@echo "adding what tests and checks need to .venv ..."
	@$(UV) pip sync --quiet --python .venv --require-hashes requirements/app.txt requirements/dev.txt
	@touch $@

.venv/.train: .venv/.dev requirements/train.txt | $(UV)
	@echo "adding what fine-tuning needs to .venv (torch: 2.7 GB on Linux, minutes the first time) ..."
	@$(UV) pip sync --quiet --python .venv --require-hashes requirements/app.txt requirements/dev.txt requirements/train.txt
	@touch $@

.venv-bot/.bot: requirements/bot.txt | $(UV)
	@echo "setting up .venv-bot (Python 3.10, Rasa; 2.7 GB, minutes the first time) ..."
	@$(UV) venv --quiet --allow-existing --python 3.10 .venv-bot 2>/dev/null || $(UV) venv --allow-existing --python 3.10 .venv-bot
	@$(UV) pip sync --quiet --python .venv-bot --require-hashes requirements/bot.txt
	@touch $@
