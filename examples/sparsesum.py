#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sparsesum from Python, by ctypes alone. As a program:

    sparsesum.py hash FILE...       print digests in the format of sha1sum
    sparsesum.py create DIRECTORY   write its manifest, print the content hash
    sparsesum.py verify DIRECTORY   print the entries that do not hold; show progress on a terminal
    sparsesum.py compare A B        print the entries that differ between two directories

Exit status: 0 success, 1 the package differs, 2 an error; Ctrl-C ends it by SIGINT. SPARSESUM_LIBRARY is the path of the library,
if the system does not find it.
"""
import ctypes
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint, c_ubyte,
                    c_uint64, c_void_p, create_string_buffer, sizeof)
from typing import NamedTuple, Optional

HOLDS, DIFFERS = 0, 1
CANCELLED = -10003
HOLES = {"auto": 0, "trust": 1, "verify": 2, "read": 3}
DIGEST_MAX, VERDICT_COUNT = 64, 9
KINDS = ("entry", "manifest", "line", "checkpoints", "form")  # of reports
DIRECTORY = 3  # a type of entries


# ---- The structures, with the members of the headers ----

class ssum_digest(Structure):
    _fields_ = [("length", c_size_t), ("bytes", c_ubyte * DIGEST_MAX)]


class ssum_progress(Structure):
    _fields_ = [("size", c_size_t), ("bytes_done", c_uint64), ("bytes_due", c_uint64),
                ("files_done", c_uint64), ("files_due", c_uint64), ("due_is_final", c_int),
                ("path", c_char_p), ("waited", c_uint64), ("bytes_recorded", c_uint64)]


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
                ("explanation", c_void_p), ("moved", c_char_p), ("lists_itself", c_int),
                ("other_name", c_char_p), ("other_is_listed", c_int), ("forms", c_uint),
                ("zeros", c_void_p), ("zeros_count", c_size_t), ("surplus", c_uint64),
                ("changes", c_uint), ("read_twice", c_int)]


class ssum_summary(Structure):
    _fields_ = [("size", c_size_t), ("entries", c_uint64), ("bytes", c_uint64),
                ("count", c_uint64 * VERDICT_COUNT), ("resumed", c_uint64), ("journal_taken", c_int),
                ("holes_read", c_uint64), ("read_twice", c_uint64), ("recorded", c_uint64)]


PROGRESS_FN = CFUNCTYPE(c_int, c_void_p, POINTER(ssum_progress))
REPORT_FN = CFUNCTYPE(c_int, c_void_p, POINTER(ssum_report))
FILTER_FN = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
RANGE_FN = CFUNCTYPE(c_int, c_void_p, POINTER(ssum_range))
SEGMENT_FN = CFUNCTYPE(c_int, c_void_p, POINTER(ssum_range), c_int)


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
                ("filter", ssum_filter), ("listing", c_void_p), ("directory_fd", POINTER(c_int))]


class ssum_create_options(Structure):
    _fields_ = [("size", c_size_t), ("algorithms", POINTER(c_char_p)), ("manifest", c_char_p),
                ("report", REPORT_FN), ("user", c_void_p), ("checkpoints", c_uint64),
                ("journal", c_char_p), ("resume", c_int), ("filter", ssum_filter),
                ("allow_changed", c_int), ("directory_fd", POINTER(c_int))]


class ssum_compare_options(Structure):
    _fields_ = [("size", c_size_t), ("report", REPORT_FN), ("user", c_void_p), ("filter", ssum_filter)]


class ssum_receiver_options(Structure):
    _fields_ = [("size", c_size_t), ("fd", c_int), ("algorithm", c_char_p),
                ("digest", POINTER(ssum_digest)), ("length", c_uint64), ("checkpoints", c_void_p),
                ("segment", SEGMENT_FN), ("user", c_void_p), ("pieces", c_size_t),
                ("read_again", c_int), ("find_zeros", c_uint64)]


class ssum_received(Structure):
    _fields_ = [("size", c_size_t), ("good", c_uint64), ("received", c_uint64), ("missing", c_uint64)]


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
             POINTER(ssum_summary)),
            ("ssum_create", c_int, c_void_p, c_char_p, POINTER(ssum_create_options),
             POINTER(ssum_summary)),
            ("ssum_compare_directories", c_int, c_void_p, c_char_p, c_char_p,
             POINTER(ssum_compare_options), POINTER(ssum_summary)),
            ("ssum_checkpoints_read", c_int, c_int, c_char_p, POINTER(c_void_p)),
            ("ssum_checkpoints_free", None, c_void_p),
            ("ssum_receiver_new", c_int, c_void_p, POINTER(ssum_receiver_options), POINTER(c_void_p)),
            ("ssum_receiver_load", c_int, c_void_p, POINTER(ssum_receiver_options), c_char_p,
             POINTER(c_void_p)),
            ("ssum_receiver_write", c_int, c_void_p, c_uint64, c_char_p, c_size_t),
            ("ssum_receiver_hole", c_int, c_void_p, c_uint64, c_uint64),
            ("ssum_receiver_missing", c_int, c_void_p, RANGE_FN, c_void_p),
            ("ssum_receiver_progress", c_int, c_void_p, POINTER(ssum_received)),
            ("ssum_receiver_finish", c_int, c_void_p),
            ("ssum_receiver_save", c_int, c_void_p, c_char_p),
            ("ssum_receiver_free", None, c_void_p)):
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
        return _summary(code, summary)

    def create(self, directory, algorithms=("sha1",)):
        """Write the manifests of a directory. Returns their content hashes, by the names of the manifests."""
        hashes = {}
        names = (c_char_p * (len(algorithms) + 1))(*(name.encode() for name in algorithms), None)

        def on_report(_, reported):
            def keep():
                report = _copy(reported.contents)
                if report.kind == "manifest":
                    hashes[report.path] = report.found
            return self._guarded(keep)

        options = ssum_create_options(size=sizeof(ssum_create_options), algorithms=names,
                                      report=REPORT_FN(on_report))
        self._run(_library.ssum_create, os.fsencode(directory), byref(options), None)
        return hashes

    def compare(self, first, second, report=None):
        """Compare two directories, and call report with a Report for each entry. Returns a Summary."""
        summary = ssum_summary(size=sizeof(ssum_summary))
        options = ssum_compare_options(size=sizeof(ssum_compare_options))
        if report:
            options.report = REPORT_FN(
                lambda _, reported: self._guarded(lambda: report(_copy(reported.contents))))
        code = self._run(_library.ssum_compare_directories, os.fsencode(first), os.fsencode(second),
                         byref(options), byref(summary))
        return _summary(code, summary)

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


class Receiver:
    """A file that arrives in pieces and is verified meanwhile. Use `with`, or close().

    fd is open for reading and writing. checkpoints is the path of a file of checkpoints, and name that
    of the file in it. segment(offset, length, holds) is called with each verdict. state continues from
    what save() wrote."""

    def __init__(self, fd, digest, length, algorithm="sha1", checkpoints=None, name=None, segment=None,
                 state=None, find_zeros=True):
        self._thrown, self._receiver = None, c_void_p()
        expected, points = ssum_digest(), c_void_p()
        self._check(_library.ssum_digest_parse(digest.encode(), byref(expected)))
        if checkpoints:
            with open(checkpoints, "rb") as file:
                self._check(_library.ssum_checkpoints_read(
                    file.fileno(), os.fsencode(name) if name else None, byref(points)))
        options = ssum_receiver_options(
            size=sizeof(ssum_receiver_options), fd=fd, algorithm=algorithm.encode(),
            digest=ctypes.pointer(expected), length=length, checkpoints=points, find_zeros=find_zeros)
        if segment:
            options.segment = self._segment = SEGMENT_FN(lambda _, at, verdict: self._guard(
                lambda: segment(at.contents.offset, at.contents.length, verdict == HOLDS)))
        try:
            if state:
                code = _library.ssum_receiver_load(None, byref(options), os.fsencode(state),
                                                   byref(self._receiver))
            else:
                code = _library.ssum_receiver_new(None, byref(options), byref(self._receiver))
        finally:
            _library.ssum_checkpoints_free(points)
        self._check(code)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        receiver, self._receiver = self._receiver, c_void_p()
        _library.ssum_receiver_free(receiver)

    def write(self, offset, data):
        """Bytes of the content have arrived."""
        self._check(_library.ssum_receiver_write(self._receiver, offset, data, len(data)))

    def hole(self, offset, length):
        """Zeros of the content have arrived."""
        self._check(_library.ssum_receiver_hole(self._receiver, offset, length))

    def missing(self):
        """What has to be sent: a list of (offset, length)."""
        ranges = []
        self._check(_library.ssum_receiver_missing(self._receiver, RANGE_FN(lambda _, at: self._guard(
            lambda: ranges.append((at.contents.offset, at.contents.length)))), None))
        return ranges

    def progress(self):
        """Bytes that are proven, that have arrived, and that are missing."""
        received = ssum_received(size=sizeof(ssum_received))
        self._check(_library.ssum_receiver_progress(self._receiver, byref(received)))
        return received.good, received.received, received.missing

    def finish(self):
        """Whether the file is proven to be right; an Error if some bytes have never arrived."""
        return self._check(_library.ssum_receiver_finish(self._receiver)) == HOLDS

    def save(self, path):
        self._check(_library.ssum_receiver_save(self._receiver, os.fsencode(path)))

    def _guard(self, function):
        try:
            function()
            return 0
        except BaseException as thrown:
            self._thrown = thrown
            return 1

    def _check(self, code):
        thrown, self._thrown = self._thrown, None
        if thrown:
            raise thrown
        if code < 0:
            raise Error(code)
        return code


def _summary(code, summary):
    names = [_library.ssum_verdict_name(i).decode() for i in range(VERDICT_COUNT)]
    return Summary(code == HOLDS, summary.entries, summary.bytes, dict(zip(names, summary.count)))


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
    operands = {"hash": range(1, sys.maxsize), "create": (1,), "verify": (1,), "compare": (2,)}
    if not arguments or len(arguments) - 1 not in operands.get(arguments[0], ()):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with Context(progress=show) as context:
            if arguments[0] == "hash":
                for path in arguments[1:]:
                    print_bytes(f"{context.hash_file(path)}  {path}")
                return 0
            if arguments[0] == "create":
                for name, digest in context.create(arguments[1]).items():
                    print_bytes(f"{digest}  {name}")
                return 0
            if arguments[0] == "compare":
                return 0 if context.compare(*arguments[1:], print_problem).holds else 1
            return 0 if context.verify(arguments[1], print_problem).holds else 1
    except KeyboardInterrupt:
        # The operation was cancelled. End as a program without a handler does.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except (Error, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
