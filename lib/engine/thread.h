/* SPDX-License-Identifier: MIT */
/* Threads of the engine: a small stack, and all signals blocked, which are the program's business.
 */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include <pthread.h>

/* 0 or -errno. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
