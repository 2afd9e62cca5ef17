/* SPDX-License-Identifier: MIT */
/* How a call is written that comes before the true one: by the linker's --wrap, or with
   FAULTS_PRELOADED by being loaded first. tests.mk reads the names for the linker from the lines
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

/* To be asked by each call: 0, or how it goes wrong, with errno set if by that. */
int fault_strike(const char *call);

bool fault_is_armed(void);
bool fault_is_always(const char *call);

/* So many more are held of what fault_live() tells. */
void fault_count(long more);

#endif
