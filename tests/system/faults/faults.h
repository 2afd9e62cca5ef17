/* SPDX-License-Identifier: MIT */
/* Calls of libc and libcrypto that fail on purpose. Suites named test_faults_* are linked with it
   in such a way that what the library calls is this; a shared object of it can be preloaded. */
#ifndef FAULTS_FAULTS_H
#define FAULTS_FAULTS_H

#include <stdbool.h>

/* How a call goes wrong: an errno, or of a read or write one of these. */
enum { FAULT_ONE = -1, FAULT_HALF = -2, FAULT_END = -3 }; /* one byte, half of it, no byte more */

/* A call by its name. All that allocate are "memory", all of libcrypto are "crypto". */
struct fault {
	const char *call;
	int error;
};

/* From now on count a call, and have the k-th fail; none with k 0. Those after it succeed. */
void fault_arm(const struct fault *fault, long k);

/* No more. Returns how often it was called. */
long fault_disarm(void);

/* Whether the k-th call came. */
bool fault_fired(void);

/* What fails each time until it is set to something else; call NULL: nothing. "rotational" is no
   call: all disks rotate then. */
void fault_always(const struct fault *fault);

/* What the library has allocated, opened of libcrypto and started of threads, and not given back.
 */
long fault_live(void);

#endif
