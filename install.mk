# SPDX-License-Identifier: MIT
# make install, make uninstall, and the files for pkg-config and CMake.

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
CMAKEDIR   := $(LIBDIR)/cmake/sparsesum
DESTDIR    ?=

# Symlinks to sparsesum that replace sha1sum and others. The default directory is not in a usual PATH,
# so users have to choose them.
PERSONALITIES     := sha1sum sha224sum sha256sum sha384sum sha512sum
PERSONALITIES_DIR ?= $(PREFIX)/libexec/sparsesum

BUILD_INFO := $(addprefix $(BUILD)/,sparsesum.pc sparsesumConfig.cmake sparsesumConfigVersion.cmake)
MANPAGES   := $(wildcard docs/man/*.[1-9])
# Each public header has a page of section 3: sparsesum.3, sparsesum-package.3, sparsesum-receiver.3.
HEADERS    := sparsesum.h sparsesum/package.h sparsesum/receiver.h
header_page = $(subst /,-,$(1:.h=.3))

# Each file that is installed: mode|source|target. The library needs nothing of the command.
INSTALLED_LIBRARY := \
  $(foreach header,$(HEADERS),644|include/$(header)|$(INCLUDEDIR)/$(header)) \
  644|$(BUILD)/libsparsesum.a|$(LIBDIR)/libsparsesum.a \
  644|$(BUILD)/$(SONAME)|$(LIBDIR)/libsparsesum.so.$(VERSION) \
  644|$(BUILD)/sparsesum.pc|$(LIBDIR)/pkgconfig/sparsesum.pc \
  644|$(BUILD)/sparsesumConfig.cmake|$(CMAKEDIR)/sparsesumConfig.cmake \
  644|$(BUILD)/sparsesumConfigVersion.cmake|$(CMAKEDIR)/sparsesumConfigVersion.cmake \
  $(foreach page,$(filter %.3,$(MANPAGES)),644|$(page)|$(MANDIR)/man3/$(notdir $(page)))
INSTALLED_COMMAND := \
  755|$(BUILD)/sparsesum|$(BINDIR)/sparsesum \
  644|cli/completions/sparsesum.bash|$(BASHDIR)/sparsesum \
  644|cli/completions/_sparsesum|$(ZSHDIR)/_sparsesum \
  644|cli/completions/sparsesum.fish|$(FISHDIR)/sparsesum.fish \
  $(foreach page,$(filter-out %.3,$(MANPAGES)),644|$(page)|$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

# Each symlink: link|target. They are other names of the library, and a manual page for each function.
open := (
functions_of = $(shell sed -n 's/^SSUM_API .*\b\(ssum_[a-z_]*\)$(open).*/\1/p' include/$(1))
LINKS := \
  $(LIBDIR)/$(SONAME)|libsparsesum.so.$(VERSION) \
  $(LIBDIR)/libsparsesum.so|$(SONAME) \
  $(foreach header,$(HEADERS),$(foreach name,$(call functions_of,$(header)),\
    $(MANDIR)/man3/$(name).3|$(call header_page,$(header))))

# The dynamic loader finds a new library after ldconfig has run, if its directory is configured there.
find_library = \
  if [ -z '$(DESTDIR)' ] && command -v ldconfig >/dev/null; then \
    if [ "$$(id -u)" -eq 0 ]; then echo "  LDCONFIG"; ldconfig; fi; \
    ldconfig -p | grep -qF ' $(LIBDIR)/$(SONAME)' || \
      echo "the loader does not find $(LIBDIR)/$(SONAME) yet: run ldconfig as root, with $(LIBDIR) in /etc/ld.so.conf.d" >&2; \
  fi

.PHONY: install install-library install-personalities uninstall installable

all: $(BUILD_INFO)

install: install-library all ## install the built files below PREFIX (/usr/local); DESTDIR=directory to stage
	@$(call install_files,$(INSTALLED_COMMAND))

install-library: installable $(LIBRARIES) $(BUILD_INFO) ## install only the library, which does not need jansson
	@$(call install_files,$(INSTALLED_LIBRARY))
	@set -e; for row in $(foreach row,$(LINKS),'$(row)'); do \
	  ln -sf "$${row#*|}" '$(DESTDIR)'"$${row%|*}"; done
	@$(find_library)

install_files = set -e; for row in $(foreach row,$(1),'$(row)'); do \
  mode=$${row%%|*} from=$${row\#*|}; from=$${from%|*}; to='$(DESTDIR)'"$${row\#\#*|}"; \
  echo "  INST $$to"; (umask 022; mkdir -p "$${to%/*}"); install -m "$$mode" "$$from" "$$to"; done

# Another program with that name is not replaced.
install-personalities: install ## install, and link sha1sum ... sha512sum to it in PERSONALITIES_DIR (PREFIX/libexec/sparsesum)
	@(umask 022; mkdir -p '$(DESTDIR)$(PERSONALITIES_DIR)')
	@cd '$(DESTDIR)$(PERSONALITIES_DIR)' && for name in $(PERSONALITIES); do \
	  case $$(readlink $$name || ls $$name 2>/dev/null) in ''|*/sparsesum) ;; \
	  *) echo "$(PERSONALITIES_DIR)/$$name is another program: choose another PERSONALITIES_DIR" >&2; exit 1 ;; esac; \
	done
	@cd '$(DESTDIR)$(PERSONALITIES_DIR)' && for name in $(PERSONALITIES); do \
	  ln -srfT '$(DESTDIR)$(BINDIR)/sparsesum' $$name || exit; done

# Directories that other packages may use are kept.
uninstall: installable ## remove the files of these two targets; use the same PREFIX, DESTDIR and so on
	@if cd '$(DESTDIR)$(PERSONALITIES_DIR)' 2>/dev/null; then for name in $(PERSONALITIES); do \
	  case $$(readlink $$name) in */sparsesum) rm -f $$name ;; esac; done; fi
	@rmdir '$(DESTDIR)$(PERSONALITIES_DIR)' 2>/dev/null || true
	@set -e; for row in $(foreach row,$(INSTALLED_LIBRARY) $(INSTALLED_COMMAND),'$(lastword $(subst |, ,$(row)))') \
	  $(foreach row,$(LINKS),'$(firstword $(subst |, ,$(row)))'); do rm -f '$(DESTDIR)'"$$row"; done
	@rmdir '$(DESTDIR)$(CMAKEDIR)' '$(DESTDIR)$(INCLUDEDIR)/sparsesum' 2>/dev/null || true
	@[ -n '$(DESTDIR)' ] || [ "$$(id -u)" -ne 0 ] || ! command -v ldconfig >/dev/null || ldconfig

# The files for pkg-config and CMake need absolute paths without blanks.
installable:
	@for path in PREFIX='$(PREFIX)' BINDIR='$(BINDIR)' LIBDIR='$(LIBDIR)' INCLUDEDIR='$(INCLUDEDIR)' \
	  MANDIR='$(MANDIR)' BASHDIR='$(BASHDIR)' ZSHDIR='$(ZSHDIR)' FISHDIR='$(FISHDIR)' \
	  PERSONALITIES_DIR='$(PERSONALITIES_DIR)'; do \
	  case $$path in \
	  *=/*[!A-Za-z0-9/._+~@,-]*) echo "make: $$path: use letters, digits and /._+~@,- only" >&2; exit 1;; \
	  *=/*) ;; *) echo "make: $$path: must begin with /" >&2; exit 1;; esac; done

# Written by every call, because they contain the directories of this call.
$(BUILD_INFO): $(BUILD)/%: lib/%.in always
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	  -e "s|@INCLUDE_FROM_LIB@|$$(realpath -ms --relative-to='$(LIBDIR)' '$(INCLUDEDIR)')|" \
	  -e 's|@SONAME@|$(SONAME)|' -e 's|@VERSION@|$(VERSION)|' $< >$@
