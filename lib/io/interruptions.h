/* SPDX-License-Identifier: MIT */
#ifndef IO_INTERRUPTIONS_H
#define IO_INTERRUPTIONS_H

#include <errno.h>

/*
 * A call that a signal has interrupted is made again, but not more often than this in a row: a file
 * system that answers EINTR each time would keep its caller for ever, where no wish to stop is
 * seen. (Who waits for a pipe may be interrupted any number of times: TEMP_FAILURE_RETRY().)
 */
#define INTERRUPTIONS 10000

#define uninterrupted(call)                                                                        \
	({                                                                                         \
		int left_ = INTERRUPTIONS;                                                         \
		__typeof__(call) result_;                                                          \
		do                                                                                 \
			result_ = (call);                                                          \
		while (result_ < 0 && errno == EINTR && --left_ > 0);                              \
		result_;                                                                           \
	})

#endif
