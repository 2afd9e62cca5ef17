#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sparsesum from Python, by ctypes alone. As a program:

    sparsesum.py hash FILE...       print digests in the format of sha1sum
    sparsesum.py verify DIRECTORY   print the entries that do not hold; show progress on a terminal

Exit status: 0 success, 1 the package differs, 2 an error. SPARSESUM_LIBRARY is the path of the library,
if the system does not find it.
"""
import ctypes
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint, c_ubyte,
                    c_uint64, c_void_p, create_string_buffer, sizeof)
from typing import NamedTuple, Optional

HOLDS, DIFFERS = 0, 1
CANCELLED = -10003
HOLES = {"auto": 0, "trust": 1, "verify": 2, "read": 3}
DIGEST_MAX, VERDICT_COUNT = 64, 9
KINDS = ("entry", "manifest", "line", "checkpoints")  # of reports
DIRECTORY = 3  # a type of entries


# ---- The structures, with the members of the headers ----

class ssum_digest(Structure):
    _fields_ = [("length", c_size_t), ("bytes", c_ubyte * DIGEST_MAX)]


class ssum_progress(Structure):
    _fields_ = [("size", c_size_t), ("bytes_done", c_uint64), ("bytes_due", c_uint64),
                ("files_done", c_uint64), ("files_due", c_uint64), ("due_is_final", c_int),
                ("path", c_char_p)]


class ssum_range(Structure):
    _fields_ = [("offset", c_uint64), ("length", c_uint64)]


class ssum_report_side(Structure):
    _fields_ = [("type", c_int), ("length", c_uint64), ("digest", POINTER(ssum_digest)),
                ("target", c_char_p)]


class ssum_report(Structure):
    _fields_ = [("size", c_size_t), ("kind", c_int), ("verdict", c_int), ("error", c_int),
                ("path", c_char_p), ("manifest", c_char_p), ("line", c_uint64),
                ("algorithm", c_char_p), ("expected", ssum_report_side), ("found", ssum_report_side),
                ("offset", c_uint64), ("damaged", POINTER(ssum_range)), ("damaged_count", c_size_t),
                ("explanation", c_void_p), ("moved", c_char_p), ("lists_itself", c_int)]


class ssum_summary(Structure):
    _fields_ = [("size", c_size_t), ("entries", c_uint64), ("bytes", c_uint64),
                ("count", c_uint64 * VERDICT_COUNT), ("resumed", c_uint64), ("journal_taken", c_int)]


PROGRESS_FN = CFUNCTYPE(c_int, c_void_p, POINTER(ssum_progress))
REPORT_FN = CFUNCTYPE(c_int, c_void_p, POINTER(ssum_report))
FILTER_FN = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class ssum_options(Structure):
    _fields_ = [("size", c_size_t), ("holes", c_int), ("threads", c_uint), ("tries", c_uint),
                ("progress", PROGRESS_FN), ("user", c_void_p)]


class ssum_filter(Structure):
    _fields_ = [("fn", FILTER_FN), ("user", c_void_p)]


class ssum_verify_options(Structure):
    _fields_ = [("size", c_size_t), ("manifests", POINTER(c_char_p)), ("algorithm", c_char_p),
                ("content_hash", POINTER(ssum_digest)), ("allow_extra", c_int),
                ("report", REPORT_FN), ("user", c_void_p), ("no_checkpoints", c_int),
                ("journal", c_char_p), ("resume", c_int), ("explain", c_uint64),
                ("filter", ssum_filter), ("listing", c_void_p)]


# ---- The functions ----

def _load():
    library = ctypes.CDLL(os.environ.get("SPARSESUM_LIBRARY", "libsparsesum.so.0"))
    for name, result, *arguments in (
            ("ssum_version", c_char_p),
            ("ssum_strerror", c_char_p, c_int),
            ("ssum_verdict_name", c_char_p, c_int),
            ("ssum_context_new", c_int, POINTER(ssum_options), POINTER(c_void_p)),
            ("ssum_context_free", None, c_void_p),
            ("ssum_cancel", None, c_void_p),
            ("ssum_message", c_char_p, c_void_p),
            ("ssum_digest_hex", None, POINTER(ssum_digest), c_char_p),
            ("ssum_digest_parse", c_int, c_char_p, POINTER(ssum_digest)),
            ("ssum_hash_file", c_int, c_void_p, c_char_p, c_char_p, POINTER(ssum_digest)),
            ("ssum_verify", c_int, c_void_p, c_char_p, POINTER(ssum_verify_options),
             POINTER(ssum_summary))):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_library = _load()


class Error(Exception):
    """A negative code of the library, with its text."""

    def __init__(self, code, message=""):
        super().__init__(message or _library.ssum_strerror(code).decode())
        self.code = code


class Cancelled(Error):
    """cancel() was called."""


class Progress(NamedTuple):
    bytes_done: int
    bytes_due: int
    files_done: int
    files_due: int
    due_is_final: bool


class Report(NamedTuple):
    """A copy of a report of the library, which is valid only in the callback."""
    kind: str  # one of KINDS
    path: str
    verdict: str
    error: Optional[str]
    expected: Optional[str]  # the digest in hexadecimal, or the target of a symlink
    found: Optional[str]
    damaged: list  # of (offset, length)


class Summary(NamedTuple):
    holds: bool
    entries: int
    bytes: int
    count: dict  # of entries, by verdict


class Context:
    """A context of the library; it runs one operation at a time. Use `with`, or close().

    Each operation runs with its callbacks on its own thread, so that the main thread can handle
    Ctrl-C, which cancels the context permanently."""

    def __init__(self, threads=0, holes="auto", progress=None):
        self._thrown = None
        self._progress = progress
        self._context = c_void_p()
        options = ssum_options(size=sizeof(ssum_options), holes=HOLES[holes], threads=threads)
        if progress:
            # Python must keep the function while C may call it.
            options.progress = self._on_progress = PROGRESS_FN(self._report_progress)
        self._checked(_library.ssum_context_new(byref(options), byref(self._context)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        context, self._context = self._context, c_void_p()
        _library.ssum_context_free(context)

    def cancel(self):
        """Stop the running operation; may be called from another thread."""
        _library.ssum_cancel(self._context)

    def hash_file(self, path, algorithm="sha1"):
        """The digest in hexadecimal."""
        digest, text = ssum_digest(), create_string_buffer(2 * DIGEST_MAX + 1)
        self._run(_library.ssum_hash_file, os.fsencode(path), algorithm.encode(), byref(digest))
        _library.ssum_digest_hex(byref(digest), text)
        return text.value.decode()

    def verify(self, directory, report=None, allow_extra=False, content_hash=None, select=None):
        """Verify a package, and call report with a Report for each entry. Returns a Summary.

        select(path, is_directory) returns whether an entry takes part; default: all entries."""
        options = ssum_verify_options(size=sizeof(ssum_verify_options), allow_extra=allow_extra)
        summary = ssum_summary(size=sizeof(ssum_summary))
        digest = ssum_digest()

        def on_report(_, reported):
            return self._guarded(lambda: report(_copy(reported.contents)))

        def on_select(_, path, kind):
            selected = []
            failed = self._guarded(lambda: selected.append(select(os.fsdecode(path), kind == DIRECTORY)))
            return CANCELLED if failed else int(bool(selected[0]))

        on_report = REPORT_FN(on_report)
        if report:
            options.report = on_report
        if select:
            options.filter.fn = on_select = FILTER_FN(on_select)
        if content_hash:
            self._checked(_library.ssum_digest_parse(content_hash.encode(), byref(digest)))
            options.content_hash = ctypes.pointer(digest)
        code = self._run(_library.ssum_verify, os.fsencode(directory), byref(options), byref(summary))
        names = [_library.ssum_verdict_name(i).decode() for i in range(VERDICT_COUNT)]
        return Summary(code == HOLDS, summary.entries, summary.bytes,
                       dict(zip(names, summary.count)))

    def _report_progress(self, _, progress):
        now = progress.contents
        return self._guarded(lambda: self._progress(
            Progress(now.bytes_done, now.bytes_due, now.files_done, now.files_due,
                     bool(now.due_is_final))))

    def _guarded(self, function):
        """Call a function. An exception cannot pass through C, so keep it and return 1 to stop the library."""
        try:
            function()
            return 0
        except BaseException as thrown:
            self._thrown = thrown
            return 1

    def _run(self, function, *arguments):
        with ThreadPoolExecutor(1) as thread:
            code = thread.submit(function, self._context, *arguments)
            try:
                code = code.result()
            except BaseException:  # KeyboardInterrupt
                self.cancel()
                raise
        return self._checked(code)

    def _checked(self, code):
        thrown, self._thrown = self._thrown, None
        if thrown:
            raise thrown
        if code < 0:
            message = _library.ssum_message(self._context) if self._context else b""
            kind = Cancelled if code == CANCELLED else Error
            raise kind(code, os.fsdecode(message))
        return code


def _side(side):
    """The digest in hexadecimal, or the target of a symlink, or None."""
    if side.digest:
        return bytes(side.digest.contents.bytes[:side.digest.contents.length]).hex()
    return os.fsdecode(side.target) if side.target else None


def _copy(report):
    if report.size < sizeof(ssum_report):
        raise RuntimeError("libsparsesum is too old, its reports lack members: " + version())
    return Report(KINDS[report.kind], os.fsdecode(report.path), _library.ssum_verdict_name(report.verdict).decode(),
                  _library.ssum_strerror(report.error).decode() if report.error else None,
                  _side(report.expected), _side(report.found),
                  [(r.offset, r.length) for r in report.damaged[:report.damaged_count]])


def version():
    return _library.ssum_version().decode()


# ---- As a program ----

def print_bytes(text):
    """Print a name that need not be UTF-8 as the bytes it is."""
    sys.stdout.buffer.write(os.fsencode(text) + b"\n")
    sys.stdout.buffer.flush()


def show(progress):
    if sys.stderr.isatty():
        more = "" if progress.due_is_final else " or more"
        print(f"\r{progress.bytes_done >> 20} MiB of {progress.bytes_due >> 20}{more}",
              end="", file=sys.stderr)


def print_problem(report):
    if report.verdict != "holds":
        print_bytes(f"{report.path}: {report.verdict}" + (f" ({report.error})" if report.error else ""))
    for offset, length in report.damaged:
        print_bytes(f"    {length} bytes at {offset}")


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("hash", "verify"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with Context(progress=show) as context:
            if arguments[0] == "hash":
                for path in arguments[1:]:
                    print_bytes(f"{context.hash_file(path)}  {path}")
                return 0
            return 0 if context.verify(arguments[1], print_problem).holds else 1
    except (Error, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
