/* SPDX-License-Identifier: MIT */
/* The library's threads: a small stack, and all signals blocked, so that the program's own threads
   handle them. */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include <pthread.h>

/* 0 or -errno. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
