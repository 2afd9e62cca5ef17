# SPDX-License-Identifier: MIT
"""Names with every byte and every pair of bytes on a terminal: no byte is printed that could move
the cursor, reverse text or be invisible. Prints how many names were tried."""
import os
import pty
import re
import subprocess
import sys
import threading
import unicodedata

program = os.environ["SPARSESUM"]
nothing = b"da39a3ee5e6b4b0d3255bfef95601890afd80709"
# Characters of several bytes: controls, marks, overrides, isolates, separators, zero width, tags,
# interlinear annotation, a lone surrogate, beyond U+10FFFF, overlong.
wild = "\x80 \x85 \x9b31m \xad \u0600 \u061c \u180e \u200b \u200c \u200d \u200e \u200f \u2028 \u2029 " \
    "\u202a \u202e \u2060 \u2066 \u2069 \u206f \ufeff \ufff9 \U000e0001 \U000e0041 \U0001d173".split(" ")
wild = [("a" + w + "b").encode() for w in wild] + [b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xc2\x9bA"]


def all_names(step):
    single = [bytes([b]) for b in range(1, 256)]
    pairs = [bytes([a, b]) for a in range(1, 256) for b in range(1, 256)]
    return single + pairs[::step] + wild


def on_terminal(*command):
    """The whole output of a command."""
    master, slave = pty.openpty()
    shown = []

    def read():
        try:
            while data := os.read(master, 65536):
                shown.append(data)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    environment = dict(os.environ, NO_COLOR="1", TERM="xterm", LC_ALL="C.UTF-8")
    subprocess.run([program, *command, "--no-progress"] if command[0] != "hash" else
                   [program, "hash", "--no-progress", "--", *command[1:]],
                   stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    reader.join()
    os.close(master)
    return b"".join(shown).replace(b"\r\n", b"\n")


def require_harmless(what, shown, least):
    text = shown.decode("utf-8", "backslashreplace")
    bad = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    bad |= {"not UTF-8"} if "\\x" in text and "\\x" not in shown.decode("latin-1") else set()
    lines = text.count("\n")
    if bad or lines < least:
        sys.exit(f"{what}: {lines} lines of at least {least}, with {sorted(map(ascii, bad))}")


def escaped(name):
    other = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"" if other == name else b"\\") + nothing + b"  " + other + b"\n"


def require_quoted(names):
    """If the output is not a terminal, a shell reads the exact names from the verdicts."""
    done = subprocess.run([program, "check", "list"], capture_output=True)
    words = re.sub(rb": FAILED open or read$", b"", done.stdout, flags=re.M)
    with open("script", "wb") as script:
        script.write(b"".join(b"printf '%s\\0' " + word + b"\n" for word in words.split(b"\n")[:-1]))
    found = subprocess.run(["bash", "script"], capture_output=True).stdout
    if found.split(b"\0")[:-1] != names:
        sys.exit("names that are quoted are not those that were listed")


def try_manifests(names):
    """Names of missing files: in results and in messages."""
    names = [n for n in names if n not in (b".", b"..", b"/", b"//", b"./", b"/.", b"-")]
    with open("list", "wb") as manifest:
        manifest.writelines(map(escaped, names))
    os.mkdir("empty")
    require_harmless("check", on_terminal("check", "list"), 2 * len(names))
    require_harmless("verify", on_terminal("verify", "-m", "list", "empty"), len(names))
    require_harmless("hash of what is missing", on_terminal("hash", *names), len(names))
    require_quoted(names)
    return 3 * len(names)


def try_files(names):
    """Names of existing files."""
    names = sorted({n for n in names if b"/" not in n and n not in (b".", b"..")})
    os.mkdir("package")
    os.mkdir("other")
    for name in names:
        os.close(os.open(b"package/" + name, os.O_CREAT | os.O_WRONLY))
    os.chdir("package")
    require_harmless("hash", on_terminal("hash", *names), len(names))
    os.chdir("..")
    # create warns of names that differ only in case or normalization.
    require_harmless("create", on_terminal("create", "-o", "made", "package"), 1)
    require_harmless("verify -v", on_terminal("verify", "-v", "-m", "made", "package"), len(names))
    require_harmless("compare", on_terminal("compare", "package", "other"), len(names))
    for name in wild + [b"\x1b[31m", b"\x9b", b"a\nb", b"\xff"]:
        for command in (["explain", b"./" + name, nothing[:-1] + b"0"], ["map", b"./" + name],
                        ["compare", b"./" + name, b"package"], ["create", name], ["verify", name],
                        ["verify", "-m", name, "other"], ["create", "-o", name + b"/x", "package"],
                        [name], ["hash", "-a", name], ["explain", "list", name], ["hash", b"--" + name]):
            require_harmless(command[0], on_terminal(*command), 1)
    return 4 * len(names)


os.chdir(sys.argv[1])
every = all_names(int(sys.argv[2]))
print(try_manifests(every) + try_files(every))
