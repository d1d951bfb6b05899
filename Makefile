# The developer's commands. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test go-test build mails lint lint-go lint-template parts bench fmt clean

# Tools are built from source at these versions, once, into an ignored folder.
GOLANGCI_VERSION := 2.15.0
GOTESTSUM_VERSION := 1.13.0
GOLANGCI := .parts/bin/golangci-lint-$(GOLANGCI_VERSION)
GOTESTSUM := .parts/bin/gotestsum-$(GOTESTSUM_VERSION)

# Where several goroutines, or several writers, meet. Only these run with the race detector: it makes everything else,
# the simulated years above all, several times slower and finds nothing there.
RACE := ./shared/table/... ./shared/ledger/... ./functions/... ./infra/runtimeapi/...

help: ## Lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile

run: ## Serves everything in one process on http://127.0.0.1:8080
	go run ./infra/kaiku serve

test: ## Installs what it needs and runs every check; with CI=true nothing may be missing
	@$(MAKE) --no-print-directory parts || [ "$${CI:-}" != true ]
	@$(MAKE) --no-print-directory lint-go build
	@echo "== tests"
	@go run ./infra/parts/with $(MAKE) --no-print-directory go-test

# -count=1: Go's test cache does not see what tests start as other processes (built functions, cfn-lint on the template).
# The summaries name every test that was skipped, and why.
go-test: $(GOTESTSUM)
	@race=$$(go list $(RACE)); rest=$$(go list ./... | grep -vxF "$$race"); status=0; \
	echo "-- with the race detector"; \
	$(GOTESTSUM) --format pkgname --format-hide-empty-pkg -- -count=1 -race $$race || status=$$?; \
	echo "-- without"; \
	$(GOTESTSUM) --format pkgname --format-hide-empty-pkg -- -count=1 $$rest || status=$$?; \
	exit $$status

# The policy and the texts lie beside the binary, so that changing them needs no change of code.
build: ## Builds every function into build/NAME, ready for `sam deploy`
	@echo "== build (linux/arm64)"
	@for folder in functions/*/bootstrap; do \
		name=$$(basename "$$(dirname "$$folder")"); \
		echo "build/$$name"; \
		GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -ldflags "-s -w" -o "build/$$name/bootstrap" "./$$folder"; \
		cp infra/policy.yaml infra/texts.yaml "build/$$name/"; \
	done

# A test fails while what is committed is not current.
mails: ## Compiles the mails from their MJML (shared/mail/templates); needs Node
	go run ./infra/mjml/compile shared/mail/templates

lint: lint-go lint-template ## Looks for faults: gofmt, golangci-lint (with go vet and staticcheck), cfn-lint

lint-go: $(GOLANGCI)
	@echo "== lint: gofmt"
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then printf 'make fmt would change:\n%s\n' "$$unformatted"; exit 1; fi
	@echo "== lint: golangci-lint"
	@$(GOLANGCI) run --allow-parallel-runners ./...

# Also among the tests (infra/templatecheck), which need no second run of it here.
lint-template:
	@echo "== lint: cfn-lint"
	@if command -v cfn-lint >/dev/null; then cfn-lint template.yaml; \
	else echo "template.yaml not checked: cfn-lint is missing (pip install cfn-lint)"; [ "$${CI:-}" != true ]; fi

parts: ## Fetches what tests stand on (DynamoDB Local; in CI Chromium too), once
	@echo "== parts"
	@go run ./infra/parts/fetch

# A good ten minutes of it load a million answers into DynamoDB Local (shared/ledger); `go test -short` leaves that out.
bench: ## Measures; slow, and only comparable on a quiet machine
	go run ./infra/parts/with go test -run '^$$' -bench . -benchmem -timeout 2h ./...

fmt: ## Formats the Go code
	gofmt -w .

clean: ## Removes what was built; keeps .kaiku (the data of `make run`) and .parts (downloads)
	rm -rf build

$(GOLANGCI):
	@echo "== tools: golangci-lint $(GOLANGCI_VERSION) (once; about 4 minutes on 2 cores)"
	@GOBIN=$(CURDIR)/.parts/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION)
	@mv .parts/bin/golangci-lint $@

$(GOTESTSUM):
	@echo "== tools: gotestsum $(GOTESTSUM_VERSION) (once)"
	@GOBIN=$(CURDIR)/.parts/bin go install gotest.tools/gotestsum@v$(GOTESTSUM_VERSION)
	@mv .parts/bin/gotestsum $@
