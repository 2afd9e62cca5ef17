# SPDX-License-Identifier: MIT
# Test programs and fuzz targets, and the targets that run them.

LIBCHECK     := $(shell $(PKG_CONFIG) --libs check 2>/dev/null || echo -lcheck)
FUSE         := $(shell $(PKG_CONFIG) --libs fuse3 2>/dev/null)
FUSE_FLAGS   := $(shell $(PKG_CONFIG) --cflags fuse3 2>/dev/null)

FAULTS_OBJ   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/system/faults/*.c))
CONCURRENT_OBJ  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/system/concurrent/*.c))
SUPPORT_OBJ  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
TEST_SOURCES := $(wildcard tests/unit/*/test_*.c tests/system/test_*.c)
TESTS        := $(patsubst %.c,$(BUILD)/tests/%,$(notdir $(TEST_SOURCES)))
FUZZ_TARGETS := $(filter-out harness replay,$(notdir $(basename $(wildcard tests/fuzz/*.c))))
REPLAYS      := $(FUZZ_TARGETS:%=$(BUILD)/tests/replay_%)
TOOLS        := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/system/tools/*.c))
FUSE_OBJ     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/system/fuse/*.c))

.PHONY: tests check check-built check-long check-bare hazards coverage mutation fuzz fuzzers

tests: $(TESTS) $(REPLAYS) $(TOOLS) $(BUILD)/tests/faults.so $(if $(FUSE),$(BUILD)/tests/system/fuse/server) ## build all suites

check: ## install missing packages, build, run all tests; SUITES='word word': only these; CC=clang, SANITIZE=address,undefined
	@$(MAKE) --no-print-directory deps
	@$(if $(SANITIZE),true,[ "$$(uname -m)" != x86_64 ] || .ci/aarch64 libraries || true)
	@$(MAKE) --no-print-directory check-built
check-built: all tests examples $(BUILD)/bench/kernels $(BUILD)/bench/receive
	@BUILD='$(BUILD)' CC='$(CC)' SANITIZE='$(SANITIZE)' HAZARDS='$(HAZARDS)' TEST_LONG='$(TEST_LONG)' tests/run $(SUITES)
check-long: ## the same with the long tests, and check-bare
	@$(MAKE) --no-print-directory check TEST_LONG=1
	@if [ "$$(id -u)" -eq 0 ]; then $(MAKE) --no-print-directory check-bare; \
	  else echo "skipped: make check-bare needs root"; fi
check-bare: ## as root: make demo and make check of the last commit on a minimal Debian; SUITES as above
	@BUILD='$(BUILD)' SUITES='$(SUITES)' .ci/bare

hazards: ## run all tests and write the number of tried cases of each hazard to docs/hazards.md
	@$(MAKE) --no-print-directory check HAZARDS=docs/hazards.md

coverage: ## run all tests and report the lines and branches of lib/ that ran, in build/coverage
	@$(MAKE) --no-print-directory deps PURPOSE=coverage
	@tests/coverage
mutation: ## change the code in small ways and report the changes that no test detects; MUTANTS=40 per file
	@$(MAKE) --no-print-directory deps
	@tests/mutation/run $(MUTATED)

fuzz: ## run libFuzzer on each target in tests/fuzz; FUZZ_SECONDS=60 each, FUZZ=NAME: only one
	@$(MAKE) --no-print-directory deps CC=clang
	@tests/fuzz/run
fuzzers: $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz_%)

$(BUILD)/tests/%.o: INCLUDES = -Ilib -Itests

# Test programs link the objects of the library, so that they can call hidden functions. All are built
# in $(BUILD)/tests.
define TEST_PROGRAMS
$(BUILD)/tests/test_%: $(BUILD)/$(1)test_%.o $(SUPPORT_OBJ) $(LIB_OBJ)
	$$(call QUIET,LD,$$@)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBCHECK) $$(CRYPTO)
endef
$(foreach directory,$(sort $(dir $(TEST_SOURCES))),$(eval $(call TEST_PROGRAMS,$(directory))))

# A fuzz target runs with the stored inputs (replay_*), or with libFuzzer (fuzz_*, see tests/fuzz/run).
$(BUILD)/tests/replay_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/replay.o $(SUPPORT_OBJ) $(LIB_OBJ)
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBCHECK) $(CRYPTO)
$(BUILD)/tests/fuzz_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/harness.o \
		$(filter-out %/suite.o,$(SUPPORT_OBJ)) $(LIB_OBJ)
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -Wl,--wrap=clock_gettime -o $@ $^ $(CRYPTO)
# In test_faults_*, the functions in tests/system/faults replace functions of libc and libcrypto.
FAULTY := $(filter $(BUILD)/tests/test_faults_%,$(TESTS))
$(FAULTY): $(FAULTS_OBJ)
$(FAULTY): ALL_LDFLAGS += $(shell sed -n 's/^CALL.[^,]*, \([A-Za-z0-9_]*\),.*/-Wl,--wrap=\1/p' tests/system/faults/*.c)
# In test_concurrent_*, the functions in tests/system/concurrent replace those of the C library.
$(filter $(BUILD)/tests/test_concurrent_%,$(TESTS)): $(CONCURRENT_OBJ)
$(BUILD)/tests/faults.so: $(addprefix tests/system/faults/,faults.c files.c call.h) $(BUILD)/flags
	$(call QUIET,LD,$@)$(CC) $(ALL_CFLAGS) -Itests -DFAULTS_PRELOADED -shared -o $@ $(filter %.c,$^)
# Programs that the suites in tests/system start.
$(TOOLS): $(BUILD)/%: $(BUILD)/%.o
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^
# A file system with wrong answers, if libfuse3 is installed.
$(BUILD)/tests/system/fuse/%.o: INCLUDES = $(FUSE_FLAGS)
$(BUILD)/tests/system/fuse/server: $(FUSE_OBJ)
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FUSE)
