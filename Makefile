# Two commands matter: `make run` and `make test`. Everything they need they prepare themselves.

# the machine's own Python makes the environment; looked up before the environment's comes first on the path
PYTHON ?= $(SYSTEM_PYTHON)
SYSTEM_PYTHON := $(shell command -v python3 || echo python3)
# the environment's own programs come first, Node among them
export PATH := $(CURDIR)/.venv/bin:$(PATH)
WORKERS ?= 2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test lint web-check unit bench soak clean prepare prepare-run

help: ## 显示本说明 · show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: prepare-run ## 安装、建库、载入演示县并启动 · prepare, load the demo county, serve on 127.0.0.1:8000
	@exec .venv/bin/ruhu serve --demo

test: prepare lint web-check unit ## 全部检查与测试 · every check and every test, on both databases

lint: ## 静态检查 · ruff, mypy, import contracts
	ruff check .
	ruff format --check .
	mypy
	lint-imports

web-check:
	cd api/web && npm run --silent check && npm test --silent

unit:
	pytest --doctest-modules --quiet -p no:cacheprovider sampling survey_forms api
	pytest -n $(WORKERS)

bench: prepare ## README 中的数字 · the figures in the README
	@set -e; for program in benchmarks/*.py; do echo "== $$program"; python "$$program"; done

soak: prepare ## 长时测试 · the long forms of the tests (hours)
	RUHU_SOAK=1 pytest -n $(WORKERS)

clean: ## 清除可再生成的文件，不动数据 · remove what can be made again; data stays
	rm -rf .venv .local/stamps api/web/dist api/web/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

prepare:
	@$(PYTHON) .setup/prepare.py test

prepare-run:
	@$(PYTHON) .setup/prepare.py run
