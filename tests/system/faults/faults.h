/* SPDX-License-Identifier: MIT */
/* Functions of libc and libcrypto that fail on request. In suites named test_faults_*, the library
   calls these functions. They can also be preloaded as a shared object. */
#ifndef FAULTS_FAULTS_H
#define FAULTS_FAULTS_H

#include <stdbool.h>

/* How a call fails: an errno; or a read or write is short: one byte, half, or none. */
enum { FAULT_ONE = -1, FAULT_HALF = -2, FAULT_END = -3 };

/* The name of a call. All functions that allocate are "memory", all of libcrypto are "crypto". */
struct fault {
	const char *call;
	int error;
};

/* Count calls by this name from now on. The k-th call fails (none if k is 0); later ones
   succeed. */
void fault_arm(const struct fault *fault, long k);

/* Stop counting. Returns the number of calls. */
long fault_disarm(void);

/* Whether the k-th call was made, so that it failed. */
bool fault_fired(void);

/* The call that fails every time, until another one is set; NULL: none. "rotational" is not a call:
   every disk is reported as rotational then. */
void fault_always(const struct fault *fault);

/* The number of memory blocks, libcrypto objects and threads that the library holds now. */
long fault_live(void);

#endif
