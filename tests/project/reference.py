#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference for checkpoints: FIPS 180-4 in plain Python, without code of the library.

usage: reference.py ALGORITHM INTERVAL FILE...

Prints the file of checkpoints for the files, as docs/checkpoints.md describes it. Each digest is
compared with hashlib's before it is printed.
"""

import hashlib
import os
import struct
import sys
from math import isqrt


def primes(count):
    found = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def cube_root(number):
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle)
    return low


def of_square_root(prime, bits, word):
    """The first bits of the fractional part of the square root (section 5.3)."""
    return isqrt(prime << 2 * bits) % (1 << word)


class Sha1:
    word, block, output = 32, 64, 20
    initial = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]

    def rotate(self, x, n):
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF

    def compress(self, chain, words):
        """Section 6.1.2."""
        w = list(words)
        for t in range(16, 80):
            w.append(self.rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
        a, b, c, d, e = chain
        for t in range(80):
            f = (b & c ^ ~b & d, b ^ c ^ d, b & c ^ b & d ^ c & d, b ^ c ^ d)[t // 20]
            k = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)[t // 20]
            t1 = (self.rotate(a, 5) + f + e + k + w[t]) & 0xFFFFFFFF
            a, b, c, d, e = t1, a, self.rotate(b, 30), c, d
        return [a, b, c, d, e]


class Sha2:
    def __init__(self, word, output, initial):
        self.word, self.output, self.initial, self.block = word, output, initial, 2 * word
        self.rounds = 64 if word == 32 else 80
        self.k = [cube_root(p << 3 * word) % (1 << word) for p in primes(self.rounds)]
        self.sums = {  # section 4.1: two rotations, and a third or a shift
            32: ((2, 13, 22), (6, 11, 25), (7, 18, 3), (17, 19, 10)),
            64: ((28, 34, 39), (14, 18, 41), (1, 8, 7), (19, 61, 6)),
        }[word]

    def rotate(self, x, n):
        return (x >> n | x << (self.word - n)) & ((1 << self.word) - 1)

    def big(self, which, x):
        p, q, r = self.sums[which]
        return self.rotate(x, p) ^ self.rotate(x, q) ^ self.rotate(x, r)

    def small(self, which, x):
        p, q, r = self.sums[2 + which]
        return self.rotate(x, p) ^ self.rotate(x, q) ^ x >> r

    def compress(self, chain, words):
        """Sections 6.2.2 and 6.4.2."""
        w, mask = list(words), (1 << self.word) - 1
        for t in range(16, self.rounds):
            w.append(self.small(1, w[t - 2]) + w[t - 7] + self.small(0, w[t - 15]) + w[t - 16] & mask)
        a, b, c, d, e, f, g, h = chain
        for t in range(self.rounds):
            t1 = h + self.big(1, e) + (e & f ^ ~e & g) + self.k[t] + w[t]
            t2 = self.big(0, a) + (a & b ^ a & c ^ b & c)
            a, b, c, d, e, f, g, h = t1 + t2 & mask, a, b, c, d + t1 & mask, e, f, g
        return [a, b, c, d, e, f, g, h]


FIRST, SECOND = primes(16)[:8], primes(16)[8:]
ALGORITHMS = {
    "sha1": Sha1(),
    "sha224": Sha2(32, 28, [of_square_root(prime, 64, 32) for prime in SECOND]),
    "sha256": Sha2(32, 32, [of_square_root(prime, 32, 32) for prime in FIRST]),
    "sha384": Sha2(64, 48, [of_square_root(prime, 64, 64) for prime in SECOND]),
    "sha512": Sha2(64, 64, [of_square_root(prime, 64, 64) for prime in FIRST]),
}


def padding(sha, length):
    zeros = -(length + 1 + sha.block // 8) % sha.block
    return b"\x80" + bytes(zeros) + (8 * length).to_bytes(sha.block // 8, "big")


def values_after(sha, value, blocks):
    """The chaining value after each block, as bytes."""
    letter = "I" if sha.word == 32 else "Q"
    form, mask = f">{len(value) * 8 // sha.word}{letter}", (1 << sha.word) - 1
    values = []
    for at in range(0, len(blocks), sha.block):
        chain = struct.unpack(form, value)
        result = sha.compress(chain, struct.unpack_from(f">16{letter}", blocks, at))
        value = struct.pack(form, *(x + y & mask for x, y in zip(chain, result)))
        values.append(value)
    return values


def entry(algorithm, interval, path):
    sha = ALGORITHMS[algorithm]
    with open(path, "rb") as file:
        content = file.read()
    initial = b"".join(word.to_bytes(sha.word // 8, "big") for word in sha.initial)
    values = values_after(sha, initial, content + padding(sha, len(content)))
    digest = values[-1][: sha.output]
    assert digest == hashlib.new(algorithm, content).digest(), "this is no " + algorithm
    name = os.fsencode(path)
    for byte, escape in (b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"):
        name = name.replace(byte, escape)
    lines = [b"file\t%d\t%d\t%s\t%s" % (len(content), interval, digest.hex().encode(), name)]
    for offset in range(interval, len(content), interval):
        lines.append(values[offset // sha.block - 1].hex().encode())
    return lines if len(lines) > 1 else []


def main(algorithm, interval, *paths):
    lines = [b"sparsesum-checkpoints 1 " + algorithm.encode()]
    for path in sorted(paths, key=os.fsencode):
        lines += entry(algorithm, int(interval), path)
    sys.stdout.buffer.write(b"\n".join(lines) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
