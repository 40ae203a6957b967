# Everything a newcomer types. The work itself is in superfamilja/launcher (standard library).
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; \
	done; echo python3)
LAUNCH = @$(PYTHON) -m superfamilja.launcher

.DEFAULT_GOAL := help
.PHONY: help setup run stop test test-full trials mutants lint bench demo-reset call

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: ## start the portal for a demonstration at http://127.0.0.1:8000 (PORT=8001 to change)
	$(LAUNCH) run

setup: ## prepare what `make run` needs, without starting the web server
	$(LAUNCH) setup

stop: ## stop everything that `make run` started
	$(LAUNCH) stop

test: ## run the tests, without the long ones
	$(LAUNCH) test

test-full: ## run the long tests that `make test` leaves out
	$(LAUNCH) test-full

trials: ## run hours of wrong rules that the tests must find; writes docs/trials.txt
	$(LAUNCH) trials

mutants: ## run 300 wrong changes of the code that takes money; see docs/tests.md
	$(LAUNCH) mutants

lint: ## style, templates, types, directions of imports, migrations, translations
	$(LAUNCH) lint

bench: ## run the benchmarks of benchmarks/
	$(LAUNCH) bench

call: ## dial 130 as a Mobile Leader of the demonstration, while `make run` runs
	$(LAUNCH) call

demo-reset: ## drop the demonstration's data and load it anew (FORCE=1 does not ask)
	$(LAUNCH) demo-reset
