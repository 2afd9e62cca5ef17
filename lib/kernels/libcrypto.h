/* SPDX-License-Identifier: MIT */
/* The portable kernels of all families: one lane, computed by libcrypto. */
#ifndef KERNELS_LIBCRYPTO_H
#define KERNELS_LIBCRYPTO_H

#include "kernels/kernel.h"

kernel_fn sha1_libcrypto, sha256_libcrypto, sha512_libcrypto;
zero_kernel_fn sha1_libcrypto_zeros, sha256_libcrypto_zeros, sha512_libcrypto_zeros;

#endif
