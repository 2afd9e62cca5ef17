# SPDX-License-Identifier: MIT
# sparsesum: `make help` lists the targets.

CC         ?= cc
CXX        := $(if $(filter default undefined,$(origin CXX)),$(if $(findstring clang,$(CC)),clang++,c++),$(CXX))
CFLAGS     ?= -O2 -g
CXXFLAGS   ?= $(CFLAGS)
BUILD      ?= build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))
V          ?= 0
WERROR     ?= 0
SANITIZE   ?=
comma      := ,

VERSION    := $(shell sed -n 's/^.define SSUM_VERSION "\(.*\)"/\1/p' include/sparsesum.h)
SONAME     := libsparsesum.so.0
PKG_CONFIG ?= pkg-config
CRYPTO     := $(shell $(PKG_CONFIG) --libs libcrypto 2>/dev/null || echo -lcrypto)
JANSSON    := $(shell $(PKG_CONFIG) --libs jansson 2>/dev/null || echo -ljansson)

# Optional libraries: the command uses those that pkg-config finds. WITHOUT="utf8proc" builds without it.
OPTIONAL   := utf8proc
PC_utf8proc := libutf8proc
WITH       := $(foreach lib,$(filter-out $(WITHOUT),$(OPTIONAL)),$(shell \
                $(PKG_CONFIG) --exists $(PC_$(lib)) 2>/dev/null && echo $(lib)))
WITH_FLAGS := $(foreach lib,$(WITH),-DWITH_$(shell echo $(lib) | tr a-z A-Z))
WITH_LIBS  := $(if $(WITH),$(shell $(PKG_CONFIG) --libs $(foreach lib,$(WITH),$(PC_$(lib)))))

WARNINGS   := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
              -Wvla -Wundef -Wwrite-strings -Wformat=2 $(if $(filter 1,$(WERROR)),-Werror)
SANFLAGS   := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread -fPIC -fvisibility=hidden \
              -MMD -MP $(WARNINGS) $(SANFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := -pthread $(SANFLAGS) $(LDFLAGS)

LIB_OBJ     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c lib/*/*/*.c))
CLI_OBJ     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cli/*.c cli/*/*.c))
EXAMPLES    := $(patsubst %,$(BUILD)/%,$(basename $(wildcard examples/*.c examples/*.cpp)))
LIBRARIES   := $(BUILD)/libsparsesum.a $(BUILD)/$(SONAME)

QUIET = $(if $(filter 1,$(V)),,@printf '  %-4s %s\n' $(1) $(2);)

.PHONY: always all examples deps demo bench bench-kernels derived abi deb format format-check tidy help clean
.SECONDARY:

all: $(LIBRARIES) $(BUILD)/sparsesum ## build library and command (the default)
examples: $(EXAMPLES)

deps: ## install the missing packages for build and tests, and print their names first; PURPOSE=build: only for the build
	@.ci/dependencies $(or $(PURPOSE),check)

# The targets below install what they need with `deps`. Then a second make runs, which finds the new libraries.
demo: ## install missing packages, build, then publish and verify an image of 4 GiB
	@$(MAKE) --no-print-directory deps PURPOSE=demo
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' examples/demo.sh

bench: ## compare the speed with other tools, 15 minutes; BENCH=small: 2 minutes, BENCH=large: 1 hour
	@$(MAKE) --no-print-directory deps PURPOSE=bench
	@$(MAKE) --no-print-directory all $(BUILD)/bench/receive
	@BUILD='$(BUILD)' bench/run

derived: $(BUILD)/sparsesum ## regenerate completions from the help texts, and section 3 of the manual from the headers
	cli/completions/generate $(BUILD)/sparsesum cli/completions
	$(foreach header,$(HEADERS),docs/man/from_header include/$(header) docs/man/$(call header_page,$(header)).in \
	  >$(BUILD)/$(call header_page,$(header)) && cp $(BUILD)/$(call header_page,$(header)) docs/man/ &&) true

deb: ## build Debian packages of the last commit in build/deb, and check them with lintian
	@$(MAKE) --no-print-directory deps PURPOSE=deb
	@packaging/deb $(BUILD)/deb

abi: ## at a release: record the ABI in tests/project/abi.txt
	tests/project/abi $(HEADERS:%=include/%) >$(BUILD)/abi.txt && cp $(BUILD)/abi.txt tests/project/abi.txt

bench-kernels: $(BUILD)/bench/kernels ## measure GB/s of each kernel, also relative to libcrypto and to the best known implementation
	$<

# Objects depend on a file with the compilers and their flags, which is written when they change. Those of
# the command also depend on a file with its optional libraries. `make install` does not write these files,
# so it installs what was built.
FLAGS      := $(strip $(CC) $(ALL_CFLAGS) : $(CXX) $(CXXFLAGS))
WITH_FLAGS := $(strip $(WITH_FLAGS))
define STAMP # file, name of the variable, a header that its objects need
ifneq ($$($(2)),$$(if $$(filter install%,$$(MAKECMDGOALS)),$$($(2)),$$(shell cat $(1) 2>/dev/null)))
$(1): always
endif
$(1):
	@echo '#include <$(3)>' | $(CC) $(CPPFLAGS) $(CFLAGS) -E -x c -o /dev/null - || \
	  { echo 'to install what the build needs: make deps PURPOSE=build' >&2; exit 1; }
	@mkdir -p $$(@D); printf '%s\n' '$$(subst ','\'',$$($(2)))' >$$@
endef
$(eval $(call STAMP,$(BUILD)/flags,FLAGS,openssl/evp.h))
$(eval $(call STAMP,$(BUILD)/cli/flags,WITH_FLAGS,jansson.h))

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC,$<)$(CC) $(ALL_CFLAGS) -Iinclude $(INCLUDES) -c -o $@ $<

$(BUILD)/lib/%.o $(BUILD)/bench/%.o: INCLUDES = -Ilib
$(CLI_OBJ): INCLUDES = -Icli $(WITH_FLAGS)
$(CLI_OBJ): $(BUILD)/cli/flags

# The archive has one object, in which only the public names are global, so that no other name can
# collide with names of the program.
$(BUILD)/libsparsesum.a: $(LIB_OBJ)
	$(call QUIET,AR,$@)$(LD) -r -o $(BUILD)/sparsesum.o $^ && \
	  $(OBJCOPY) --localize-hidden $(BUILD)/sparsesum.o && rm -f $@ && $(AR) rcs $@ $(BUILD)/sparsesum.o

$(BUILD)/$(SONAME): $(LIB_OBJ) lib/libsparsesum.map
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,$(SONAME) \
	  $(if $(SANITIZE),,-Wl$(comma)-z$(comma)defs) -Wl,--version-script=lib/libsparsesum.map \
	  -o $@ $(LIB_OBJ) $(CRYPTO)
	@ln -sf $(SONAME) $(BUILD)/libsparsesum.so

$(BUILD)/sparsesum: $(CLI_OBJ) $(BUILD)/libsparsesum.a
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(JANSSON) $(WITH_LIBS) $(CRYPTO)

$(BUILD)/bench/kernels: $(BUILD)/bench/kernels.o $(LIB_OBJ)
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CRYPTO)

$(BUILD)/bench/receive: $(BUILD)/bench/receive.o $(BUILD)/libsparsesum.a
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CRYPTO)

# One example is in C++.
$(BUILD)/%.o: %.cpp $(BUILD)/flags
	@mkdir -p $(@D)
	$(call QUIET,CXX,$<)$(CXX) -std=c++17 -MMD -MP -Wall -Wextra -Wshadow $(if $(filter 1,$(WERROR)),-Werror) \
	  $(SANFLAGS) $(CPPFLAGS) $(CXXFLAGS) -Iinclude -c -o $@ $<
$(BUILD)/examples/verify_raii: $(BUILD)/examples/verify_raii.o $(BUILD)/libsparsesum.a
	$(call QUIET,LD,$@)$(CXX) $(ALL_LDFLAGS) -o $@ $^ $(CRYPTO)

$(BUILD)/examples/%: $(BUILD)/examples/%.o $(BUILD)/libsparsesum.a
	$(call QUIET,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CRYPTO)

FORMATTED = $(shell git ls-files '*.c' '*.h' '*.cpp')
format: ## format the sources (.clang-format)
	clang-format -i $(FORMATTED)
format-check: ## fail if a source is not formatted
	clang-format --dry-run -Werror $(FORMATTED)
tidy: ## check the library and the command with clang-tidy 14 (.clang-tidy), 2 minutes on two cores
	@$(MAKE) --no-print-directory deps PURPOSE=tidy
	@printf '%s\0' $(patsubst $(BUILD)/%.o,%.c,$(LIB_OBJ) $(CLI_OBJ)) | xargs -0 -n 1 -P "$$(nproc)" sh -c '\
	  out=$$(clang-tidy-14 --quiet "$$1" -- $(filter-out -MMD -MP -W%,$(ALL_CFLAGS)) -Iinclude -Ilib -Icli $(WITH_FLAGS) \
	    2>&1) || { printf "%s\n" "$$out"; exit 1; }' sh

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

clean: ## remove everything that was built
	rm -rf build

OBJCOPY ?= objcopy
include tests.mk install.mk
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
