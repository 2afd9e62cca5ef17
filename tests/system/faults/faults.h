/* SPDX-License-Identifier: MIT */
/* Calls of libc and libcrypto that fail on purpose. Suites named test_faults_* are linked so that
   the library calls these; a shared object of them can be preloaded. */
#ifndef FAULTS_FAULTS_H
#define FAULTS_FAULTS_H

#include <stdbool.h>

/* How a call fails: an errno; or a read or write is short: one byte, half, or none. */
enum { FAULT_ONE = -1, FAULT_HALF = -2, FAULT_END = -3 };

/* A call by its name. All functions that allocate are "memory", all of libcrypto are "crypto". */
struct fault {
	const char *call;
	int error;
};

/* Count this call from now on, and fail the k-th; none if k is 0. Later ones succeed. */
void fault_arm(const struct fault *fault, long k);

/* Stop that. Returns how often the call was made. */
long fault_disarm(void);

/* Whether the k-th call was made. */
bool fault_fired(void);

/* The call that fails every time, until another one is set; NULL: none. "rotational" is not a call:
   every disk is reported as rotational then. */
void fault_always(const struct fault *fault);

/* The memory, libcrypto objects and threads that the library holds now. */
long fault_live(void);

#endif
