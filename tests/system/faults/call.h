/* SPDX-License-Identifier: MIT */
/* Macros to define functions that replace the real ones: by the linker's --wrap, or, with
   FAULTS_PRELOADED, in a preloaded object. tests.mk reads the names for the linker from the lines
   that begin with CALL. */
#ifndef FAULTS_CALL_H
#define FAULTS_CALL_H

#include "system/faults/faults.h"

#ifdef FAULTS_PRELOADED

#include <dlfcn.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(type, name, parameters)                                                               \
	__attribute__((visibility("default"))) type name parameters;                               \
	type name parameters

#else

#define REAL(name) __real_##name
#define CALL(type, name, parameters)                                                               \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters

#endif

/* Each function calls this first. Returns 0, or the kind of failure, with errno set if it is an
   errno. */
int fault_strike(const char *call);

bool fault_is_armed(void);
bool fault_is_always(const char *call);

/* Add to the number of held objects that fault_live() returns. */
void fault_count(long more);

#endif
