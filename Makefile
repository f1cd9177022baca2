# `make test` is all that a change has to pass; `make install PREFIX=…` puts the program somewhere.

PREFIX ?= /usr/local
CONFIG := .swift-format
SOURCES := Package.swift Plugins Sources Tests Fuzzing
FORMAT := swift format --configuration $(CONFIG)
LINT := swift format lint --strict --configuration $(CONFIG)

# The standard library inside the binary: nothing to install beside it, and half the start-up time.
ifeq ($(shell uname -s),Linux)
# No library loads symbols from a program: without exporting them the linker can drop what isn't used.
# At a fixed address, as Go's programs are: a program that can lie anywhere has 100,000 pointers that
# the loader has to write at each start, which takes a third of the time of a short command and a
# mebibyte in every holder, keeper and guardian. Stack, heap and libraries lie anywhere all the same.
STATIC := --static-swift-stdlib -Xlinker --no-export-dynamic -Xlinker --icf=safe -Xlinker --no-pie
endif
# Exclusive access to memory is proven at compile time wherever that is possible, and checked at run
# time in every debug build, all tests among them. The check of each access to an object's property
# costs the proxy, SwiftNIO included, 29 % of its instructions; bounds and overflow stay checked.
# C code throws nothing, and needs no tables to be unwound by: they are only size.
OPTIMISED := -Xswiftc -enforce-exclusivity=unchecked -Xcc -fno-asynchronous-unwind-tables
RELEASE := -c release --product portless $(STATIC) $(OPTIMISED)
BINARY = "$$(swift build $(RELEASE) --show-bin-path)/portless"

.PHONY: build test e2e e2e-debug check check-miscompilation format release install uninstall clean
.PHONY: install-program bench bench-dashboard instructions soak fuzz chaos screenshots

build:
	swift build

test:
	scripts/test

# On the installed program, as `make test` does.
e2e:
	scripts/test --filter EndToEndTests

# On the debug build, which takes minutes less to build; FILTER chooses among the tests.
FILTER ?= EndToEndTests
e2e-debug: build
	PORTLESS_TEST_BINARY="$$(swift build --show-bin-path)/portless" scripts/test --filter "$(FILTER)"

check:
	$(LINT) --recursive --parallel $(SOURCES)
	scripts/check-sizes
	swift build --build-tests --explicit-target-dependency-import-check error

format:
	$(FORMAT) --in-place --recursive --parallel $(SOURCES)

release:
	swift build $(RELEASE)

# Needs the symbols that `make install` strips.
check-miscompilation: release
	scripts/check-miscompilation $(BINARY)

install: release
	$(MAKE) install-program PROGRAM=$(BINARY)

# Of a built program: with its completions and its manual page.
install-program:
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$(PROGRAM)" "$(DESTDIR)$(PREFIX)/bin/portless"
	strip "$(DESTDIR)$(PREFIX)/bin/portless"
	scripts/install-shell-files "$(DESTDIR)$(PREFIX)/bin/portless" "$(DESTDIR)$(PREFIX)/share"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/portless" \
		"$(DESTDIR)$(PREFIX)/share/man/man1/portless.1" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/portless" \
		"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_portless" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/portless.fish"

# See Benchmarks/README.md.
bench: release
	python3 Benchmarks/bench.py --binary $(BINARY)

bench-dashboard: release
	scripts/install-test-needs
	.build/test-python/bin/python3 Benchmarks/dashboard.py --binary $(BINARY)

# Fails where a request takes more user-space instructions than it may; needs valgrind.
instructions: release
	python3 Benchmarks/instructions.py --binary $(BINARY)

soak: release
	python3 Benchmarks/soak.py --binary $(BINARY)

# FUZZ_SECONDS for each target, not for all of them together.
FUZZ_SECONDS ?= 300
fuzz:
	scripts/fuzz $(FUZZ_SECONDS) $(FUZZ_SEED)

# On the installed program, as the end-to-end tests.
CHAOS_SECONDS ?= 1200
CHAOS_SEED ?= $(shell date +%s)
chaos:
	$(MAKE) --no-print-directory install DESTDIR="$(CURDIR)/.build/installed" PREFIX=
	scripts/chaos --binary .build/installed/bin/portless \
		--seconds $(CHAOS_SECONDS) --seed $(CHAOS_SEED)

# The pictures in docs/images.
screenshots: build
	scripts/screenshots

clean:
	swift package clean
