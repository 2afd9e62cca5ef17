/* SPDX-License-Identifier: MIT */
/* The constants of FIPS 180-4, sections 4.2.2 and 4.2.3: the first bits of the fractional parts of
   the cube roots of the first primes. */
#ifndef KERNELS_CONSTANTS_H
#define KERNELS_CONSTANTS_H

#include <stdint.h>

extern const uint32_t sha256_constants[64];
extern const uint64_t sha512_constants[80];

#endif
