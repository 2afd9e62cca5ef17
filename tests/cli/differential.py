#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the same command line with sha1sum (or a similar program) and with sparsesum, and compare the
output, the messages and the exit status.

differential.py same ALGORITHM OPTIONS... -- ARGUMENT...   for `sparsesum check`, with the
    standard input of this script: one command line for each OPTIONS, which are separated by blanks
differential.py generate   many random command lines for sparsesum under the name of sha1sum etc., in an empty directory

For generate, TEST_SEED repeats a run, TEST_CASES sets the number of cases, and TEST_CASE runs only that
case. SPARSESUM is the program; only argv[0] selects the personality.
"""
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

SUMS = ["sha1", "sha224", "sha256", "sha384", "sha512"]
TIMEOUT = 60

# ---- Allowed differences -------------------------------------------------------------------------
#
# | what                     | coreutils 9.1               | current coreutils, and sparsesum        |
# | ------------------------ | --------------------------- | --------------------------------------- |
# | NAME of `NAME: OK`       | raw, marked if it has LF    | quoted for the shell if needed      |
# | a write error            | at the end, without reason  | ends the run, with its reason           |
# | --tag --text is refused  | before what --check refuses | after it                                |
# | --help, --version        |                             | of the program itself                   |

VERDICT = re.compile(rb"^(.*): (OK|FAILED|FAILED open or read)$", re.S)
ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
QUOTED = re.compile(rb"\$'((?:[^'\\]|\\.)*)'|'([^']*)'|\"([^\"]*)\"|\\(.)|([^'\"\\])", re.S)


def unescaped(text):
    def one(match):
        code = match.group(1)
        return bytes([int(code, 8)]) if code.isdigit() else ESCAPES.get(code, code)

    return re.sub(rb"\\([0-7]{3}|.)", one, text, flags=re.S)


def unquoted(text):
    """The name, unquoted as by a shell."""
    parts = QUOTED.findall(text)
    return b"".join(unescaped(part[0]) or b"".join(part[1:]) for part in parts)


def as_older(line):
    """A verdict as older releases wrote it, without quotes."""
    match = VERDICT.match(line)
    if not match:
        return line
    name = unquoted(match.group(1))
    if b"\n" in name:
        name = b"\\" + name.replace(b"\\", rb"\\").replace(b"\n", rb"\n").replace(b"\r", rb"\r")
    return name + b": " + match.group(2)


def older(output):
    return b"\n".join(as_older(line) for line in output.split(b"\n"))


def same_but_for_write_error(theirs, ours):
    """Both report a write error, and the output before it is the same."""
    text, reason, rest = ours.err.partition(b": write error: ")
    before = text[: text.rfind(b"\n") + 1]
    return reason and b": write error" in theirs.err and theirs.err.startswith(before) and \
        theirs.out.startswith(ours.out) and theirs.status == ours.status


def difference(theirs, ours):
    """The first difference that is not allowed; None if there is none."""
    if theirs == ours:
        return None
    if b"--tag does not support --text mode" in theirs.err + theirs.out and theirs.status == ours.status == 1:
        if b"when verifying checksums\n" in ours.err + ours.out:
            return None
    if b": write error" in ours.err:
        return None if same_but_for_write_error(theirs, ours) else "other write error"
    for own in (b"Usage: ", ours.program + b" ("):
        if theirs.out.startswith(own) and ours.out.startswith(own):
            theirs, ours = theirs.without_output(), ours.without_output()
    if theirs.status != ours.status:
        return f"exit status {ours.status}, not {theirs.status}"
    if theirs.out not in (ours.out, older(ours.out)):
        return "other output"
    return None if theirs.err == ours.err else "other messages"


# ---- One command line ----------------------------------------------------------------------------------


@dataclass
class Result:
    program: bytes
    out: bytes
    err: bytes
    status: int

    def without_output(self):
        return Result(self.program, b"", self.err, self.status)

    def show(self, who):
        return f"{who}: status {self.status}\n  out {self.out[:4000]!r}\n  err {self.err[:4000]!r}"


def stream_options(case, out, err):
    """The arguments of Popen for standard output and error, and the descriptors to close."""
    options, closed = {"stdout": out, "stderr": err}, []
    if case.out == "full":
        options["stdout"] = os.open("/dev/full", os.O_WRONLY)
    elif case.out == "broken":
        reader, options["stdout"] = os.pipe()
        os.close(reader)
    elif case.out == "closed":
        closed.append(1)
    if case.err == "full":
        options["stderr"] = os.open("/dev/full", os.O_WRONLY)
    elif case.err == "closed":
        closed.append(2)
    elif case.err == "out":
        options["stderr"] = options["stdout"]
    return options, closed


def input_of(case):
    """A descriptor for standard input, and the process that writes into it."""
    if case.input == "pipe":
        reader, writer = os.pipe()
        feeder = subprocess.Popen(["cat", case.input_file], stdout=writer)
        os.close(writer)
        return reader, feeder
    if case.input == "written":
        return os.open("/dev/null", os.O_WRONLY), None
    names = {"null": "/dev/null", "folder": ".", "closed": "/dev/null"}
    descriptor = os.open(names.get(case.input, case.input_file), os.O_RDONLY)
    if case.input == "offset":
        os.lseek(descriptor, 7, os.SEEK_SET)
    return descriptor, None


def close_all(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


def run(case, executable):
    """Run both programs on a command line. FIFOs among the operands get a writer."""
    writers = [subprocess.Popen(["sh", "-c", 'cat image >"$0"', name]) for name in case.fifos()]
    descriptor, feeder = input_of(case)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        options, closed = stream_options(case, out, err)
        if case.input == "closed":
            closed.append(0)
        if case.nobody:
            options.update(user=65534, group=65534, extra_groups=[])
        if closed:
            options["preexec_fn"] = lambda: close_all(closed)
        child = subprocess.Popen(case.argv, executable=executable, stdin=descriptor,
                                 env={**os.environ, **case.environment}, **options)
        os.close(descriptor)
        for stream in {options["stdout"], options["stderr"]} - {out, err}:
            os.close(stream)
        try:
            status = child.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            status = "timeout"
        for process in writers + ([feeder] if feeder else []):
            process.kill()
            process.wait()
        out.seek(0)
        err.seek(0)
        return Result(os.path.basename(case.argv[0]), out.read(), err.read(), status)


# ---- Random command lines -------------------------------------------------------------------------------------


@dataclass
class Case:
    argv: list
    input: str = "null"
    input_file: bytes = b"image"
    out: str = "file"
    err: str = "file"
    nobody: bool = False
    environment: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)

    def fifos(self):
        return [word for word in self.argv[1:] if word in (b"fifo", b"fifo2")]


ODD_NAMES = [b"a b", b"it's", b'say "x"', b"new\nline", b"back\\slash", b"carriage\rreturn", b" lead", b"trail ",
             b"*star", b"#hash", "umläut".encode(), "漢字".encode(), b"a:b", b"(paren)", b"x) = y", b"\\n",
             b"both\n\\", b"'\"", b"-b", b"--tag", b"c: OK", b"\\\xff\n'", b"e\xc3", b"~", b"{", b"=x"]
FILES = [b"a", b"b", b"empty", b"image", b"link"]
PLACES = [b"folder", b"missing", b"dangling", b"loop", b"a/below", b"", b"closed", b"x" * 300, b"/dev/null",
          b"/proc/version", b"/proc/self/mem", b"socket-less/f", b"\xe2\x82", b"gone\tname", "weg-ä".encode(),
          "字 '".encode()]

CHECK_OPTIONS = [b"--quiet", b"--status", b"--warn", b"-w", b"--strict", b"--ignore-missing", b"--qui", b"--sta",
                 b"--str", b"--w", b"--i", b"-ww"]
HASH_OPTIONS = [b"-b", b"-t", b"-z", b"--tag", b"--binary", b"--text", b"--zero", b"--b", b"--ta", b"--te",
                b"--z", b"-bz", b"-zt", b"-tb"]
ODD_OPTIONS = [b"--help", b"--version", b"--h", b"--v", b"--he", b"--help=x", b"--tag=", b"-h", b"-x", b"-bx", b"-q",
               b"--t", b"--s", b"--st", b"--=x", b"--", b"--foo", b"--foo=b'r", b"--p", b"--n", b"--ho", b"--th",
               b"-\xff", b"-b-", b"--check=no", b"-'", b"--\n", b"-a", b"-r", b"-:", b"-;", b"-W", b"--json",
               b"--Check", b"--c", b"-c", b"-cw", b"-wc", b"-bc"]


def make_world():
    """Make files of every kind, with known content."""
    randomness = random.Random(1)
    names = set(FILES[:3] + ODD_NAMES)
    for byte in range(1, 256):
        if byte != ord("/"):
            names.add(bytes([byte]) if byte not in b".-" else b"q" + bytes([byte]))
    for name in sorted(names):
        with open(name, "wb") as file:
            file.write(randomness.randbytes(randomness.choice([0, 1, 55, 64, 1000])) if name != b"empty" else b"")
    with open("image", "wb") as image:
        for offset in (0, 300000, 999999):
            image.seek(offset)
            image.write(randomness.randbytes(5000))
    with open("closed", "wb") as closed:
        closed.write(b"secret")
    os.chmod("closed", 0)
    os.mkdir("folder")
    for name, target in (("link", "image"), ("dangling", "nowhere"), ("loop", "loop")):
        os.symlink(target, name)
    os.mkfifo("fifo")
    os.mkfifo("fifo2")
    return sorted(names - {b"fifo", b"fifo2"})


class Generator:
    def __init__(self, seed, number, names):
        self.random = random.Random(f"{seed}:{number}")
        self.names = names
        self.algorithm = self.random.choice(SUMS)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def some(self, choices, most):
        return [self.random.choice(choices) for _ in range(self.random.randint(0, most))]

    # ---- Lines of a manifest

    def digest_of(self, name):
        try:
            with open(name, "rb") as file:
                return hashlib.new(self.algorithm, file.read()).hexdigest().encode()
        except OSError:
            return self.wrong_digest()

    def wrong_digest(self):
        return hashlib.new(self.algorithm, self.random.randbytes(8)).hexdigest().encode()

    def listed_name(self):
        pool = self.random.choice([FILES, FILES, self.names, PLACES[:7] + PLACES[-2:] + [b"x" * 300, b"/dev/null", b"-"]])
        return self.random.choice(pool)

    def good_line(self):
        name = self.listed_name()
        readable = name not in (b"-", b"closed", b"/dev/null")
        digest = self.digest_of(name) if readable and self.chance(80) else self.wrong_digest()
        mark, shown = b"", name
        if re.search(rb"[\n\r\\]", name) and self.chance(90):
            mark = b"\\"
            shown = name.replace(b"\\", rb"\\").replace(b"\n", rb"\n").replace(b"\r", rb"\r")
        if self.chance(15):
            digest = digest.upper()
        if self.chance(30):
            tag = self.random.choice([self.algorithm.upper().encode()] * 6 + [b"SHA1", b"SHA256", b"MD5", b"sha1"])
            form = self.random.choice([b"%s%s (%s) = %s"] * 5 + [b"%s%s(%s)= %s", b"%s%s(%s)=%s", b"%s%s  (%s) = %s",
                                      b"%s%s (%s)\t = \t%s", b"%s%s (%s) %s", b"%s%s (%s) = %s ", b"%s%s %s = %s"])
            line = form % (mark, tag, shown, digest)
        else:
            between = self.random.choice([b"  "] * 6 + [b" *", b" ", b"\t ", b" \t", b"\t", b"   ", b"", b"\t*"])
            line = mark + digest + between + shown
        return self.random.choice([b""] * 8 + [b" ", b"\t ", b"# "]) + line

    def mutated_line(self):
        line = bytearray(self.good_line())
        for _ in range(self.random.randint(1, 3)):
            place = self.random.randrange(len(line) + 1)
            change = self.random.choice([b"", b" ", b"\t", b"\\", b"(", b")", b"=", b"*", b"#", b"\r", b"0", b"g", b"\n",
                                         b"\xff", b"\\n", b"\\\\", b"\\r", b"\\x"])
            line[place : place + self.random.randint(0, 1)] = change
        return bytes(line)

    def odd_line(self):
        digest = self.wrong_digest()
        return self.random.choice([b"", b" ", b"\t\t", b"\r", b"\r\r", b"#", b"# comment", b" # no comment", b"rubbish",
                                   b"\\", digest, digest + b" ", digest + b"  ", digest[1:] + b"  a", digest + b"0  a",
                                   b"g" + digest[1:] + b"  a", digest[:9] + b"\0" + digest[10:] + b"  a", b"\0",
                                   b"\xef\xbb\xbf" + digest + b"  a", b"\\" + digest + b"  a\\", b"\\" + digest + b"  \\t",
                                   b"\\" + digest + b"  a\\nb", b"SHA1 () = " + digest, b"SHA1 (a = " + digest, b"SHA1",
                                   digest + b"  " + b"long/" * 20000, b"y" * 70000, b"\\\\" + digest + b"  a"])

    def is_reversed(self, line):
        digits = hashlib.new(self.algorithm).digest_size * 2
        return re.match(rb"[ \t]*\\?[0-9a-fA-F]{%d}[ \t]([^ *]|.$)" % digits, line, re.S)

    def manifest(self, one_of_several):
        weights = self.random.choice([(9, 0, 0), (6, 1, 1), (2, 3, 2), (0, 2, 3)])
        lines = [self.random.choices([self.good_line, self.mutated_line, self.odd_line], weights)[0]()
                 for _ in range(self.random.randint(0, 12))]
        # coreutils chooses the form of lines by the first line of all manifests; sparsesum by that
        # of each.
        if one_of_several:
            lines = [line for line in b"\n".join(lines).split(b"\n") if not self.is_reversed(line)]
        end = self.random.choice([b"\n"] * 4 + [b"\r\n"])
        text = end.join(lines) + (end if self.chance(80) else b"")
        return text

    # ---- The command line

    def operands(self, checking, case):
        manifests = [b"m0", b"m1", b"m 2"]
        if not checking:
            pool = self.random.choice([FILES, self.names, self.names, PLACES, FILES + PLACES + [b"-", b"fifo"]])
            return self.some(pool, 5)
        operands = self.some(manifests * 4 + [b"-", b"-", b"missing", b"folder", b"/dev/null", b"a", b"image", b"closed",
                                              b"dangling", b"bad\nname"], 3)
        for name in manifests:
            case.files[name] = self.manifest(len(operands) > 1)
        return operands

    def options(self, checking):
        options = self.some(CHECK_OPTIONS if checking else HASH_OPTIONS, 5 if checking else 3)
        if checking:
            options += [self.random.choice([b"-c", b"--check", b"--ch", b"--c"])]
        if self.chance(15):
            options += self.some(ODD_OPTIONS, 2)
        if self.chance(8):
            options += self.some(HASH_OPTIONS + CHECK_OPTIONS, 3)
        self.random.shuffle(options)
        return options

    def arguments(self, options, operands):
        """Options before and among the operands; names that begin with "-" mostly follow "--" or a
        path."""
        if self.chance(60):
            operands = [b"./" + name if name.startswith(b"-") and name != b"-" else name for name in operands]
        if self.chance(30):
            return options + [b"--"] + operands
        words = options + operands
        if self.chance(40):
            self.random.shuffle(words)
        return words

    def environment(self):
        environment = {"LC_ALL": self.random.choice(["C", "C.UTF-8"])}
        if self.chance(15):
            environment["POSIXLY_CORRECT"] = "1"
        return environment

    def case(self):
        checking = self.chance(50)
        name = self.algorithm.encode() + b"sum"
        case = Case([self.random.choice([name] * 3 + [b"/opt/x y/" + name, b"./" + name])])
        operands = self.operands(checking, case)
        case.argv += self.arguments(self.options(checking), operands)
        case.environment = self.environment()
        case.input = self.random.choice(["file"] * 3 + ["pipe", "pipe", "null", "closed", "folder", "offset", "written"])
        case.input_file = self.random.choice([b"m0", b"m1", b"a"]) if checking else self.random.choice([b"image", b"a"])
        case.out = self.random.choice(["file"] * 12 + ["full", "closed", "broken"])
        case.err = self.random.choice(["file"] * 8 + ["out"] * 4 + ["full", "closed"])
        if case.out != "file" and case.err == "out":
            case.err = "file"  # so that a write error can be compared
        case.nobody = os.getuid() == 0 and self.chance(10)
        if not checking and self.chance(2):
            case.argv.insert(self.random.randint(1, len(case.argv)), b"fifo2")
        case.argv = self.once(case.argv, (b"fifo", b"fifo2"))
        return case

    @staticmethod
    def once(words, names):
        """A FIFO has one writer."""
        return [word for i, word in enumerate(words) if word not in names or word not in words[:i]]


def theirs_of(program):
    return shutil.which(os.path.basename(program).decode())


def generate():
    seed = os.environ.get("TEST_SEED") or str(random.SystemRandom().randrange(10**9))
    count = int(os.environ.get("TEST_CASES", "500"))
    only = os.environ.get("TEST_CASE")
    print(f"TEST_SEED={seed} TEST_CASES={count}")
    ours = shutil.copy(os.environ["SPARSESUM"], "../program")
    names = make_world()
    failed = 0
    for number in [int(only)] if only else range(count):
        case = Generator(seed, number, names).case()
        for name, text in case.files.items():
            with open(name, "wb") as file:
                file.write(text)
        results = [run(case, theirs_of(case.argv[0])), run(case, ours)]
        what = difference(*results)
        if what:
            failed += 1
            print(f"case {number}: {what}\n  {case}", results[0].show("theirs"), results[1].show("ours"), sep="\n")
    print(f"{count} cases, {failed} failed")
    return failed != 0


# ---- Given command lines --------------------------------------------------------------------------------------


def same_for_each(algorithm, words):
    """The exit status of the last run, or 255 if a run differed."""
    end = words.index("--")
    for options in words[:end]:
        status = same(algorithm, options.split() + words[end + 1 :])
        if status == 255:
            break
    return status


def same(algorithm, arguments):
    """`sparsesum check -a ALG` does what `ALGsum --check` does."""
    program = f"{algorithm}sum"
    command = {"theirs": [program, "--check"], "ours": [os.environ["SPARSESUM"], "check", "-a", algorithm]}
    results = []
    for words in command.values():
        if sys.stdin.seekable():
            os.lseek(0, 0, os.SEEK_SET)
        ended = subprocess.run(words + arguments, stdin=0, capture_output=True, check=False)
        err = re.sub(rb"^sparsesum:", program.encode() + b":", ended.stderr, flags=re.M)
        results.append(Result(program.encode(), ended.stdout, err, ended.returncode))
    what = difference(*results)
    if what:
        print(f"{arguments}: {what}", results[0].show("theirs"), results[1].show("ours"), sep="\n")
        return 255
    return results[1].status


if __name__ == "__main__":
    sys.exit(generate() if sys.argv[1] == "generate" else same_for_each(sys.argv[2], sys.argv[3:]))
