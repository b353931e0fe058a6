# For developers; everybody else needs only `python3 run.py`. `make` alone lists what there is.
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help tools run test check structure format messages pictures bench

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

tools: ## make or refresh .venv with the developers' tools
	@python3 run.py tools

run: ## set up and serve on http://127.0.0.1:8000 (PORT changes it)
	python3 run.py

test: ## the whole suite, stage by stage
	python3 run.py test

check: tools ## format, lint, types, import contracts, migrations complete, structure tests (under a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy quxin run.py
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest tests/structure

format: tools ## let ruff format the code and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: tools ## collect the words of the interface into locale/en and compile them; fails while some lack English
	$(BIN)/python locale/extract.py

pictures: tools ## take the pictures of the README from the demonstration
	$(BIN)/python docs/pictures/take.py

bench: tools ## the ratios of `quxin bench` as JSON
	$(BIN)/quxin bench --json
