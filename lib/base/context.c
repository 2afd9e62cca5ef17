/* SPDX-License-Identifier: MIT */
#include "base/context.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

#define MAX_THREADS 1024
#define MAX_TRIES 1000
#define DEFAULT_TRIES 3

const char *ssum_version(void)
{
	return SSUM_VERSION;
}

/* The processors of this process, which may be fewer than the machine's (cpusets, taskset). */
static unsigned available_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	int count = CPU_COUNT(&set);
	return count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : (unsigned)count;
}

static int context_init(struct ssum_context *context, const struct ssum_options *given)
{
	struct ssum_options *options = &context->options;
	int rc;

	*context = (struct ssum_context){.options = {0}};
	rc = options_take(options, sizeof(*options), given);
	if (rc)
		return rc;
	if (options->threads > MAX_THREADS || options->tries > MAX_TRIES ||
	    (unsigned)options->holes > SSUM_HOLES_READ)
		return SSUM_ERR_OPTIONS;

	if (!options->threads)
		options->threads = available_cpus();
	if (!options->tries)
		options->tries = DEFAULT_TRIES;
	return 0;
}

int ssum_context_new(const struct ssum_options *options, struct ssum_context **context)
{
	struct ssum_context *made = malloc(sizeof(*made));
	int rc = made ? context_init(made, options) : -ENOMEM;

	if (rc) {
		free(made);
		made = NULL;
	}
	*context = made;
	return rc;
}

void ssum_context_free(struct ssum_context *context)
{
	if (!context)
		return;
	bytes_free(&context->message);
	free(context);
}

void ssum_cancel(struct ssum_context *context)
{
	atomic_store_explicit(&context->cancelled, true, memory_order_relaxed);
}

const char *ssum_message(const struct ssum_context *context)
{
	return context->message.length ? context->message.data : "";
}

struct ssum_context *context_begin(struct ssum_context *given, struct ssum_context *own)
{
	if (!given) {
		context_init(own, NULL);
		return own;
	}
	given->message.length = 0;
	return given;
}

void context_end(struct ssum_context *context, struct ssum_context *own)
{
	if (context == own)
		bytes_free(&own->message);
}

/* "directory/name: ", where a name that is empty has to be seen. */
static int append_name(struct bytes *message, const char *directory, const char *name)
{
	size_t length = directory ? strlen(directory) : 0;
	int rc = length ? bytes_append(message, directory, length) : 0;

	if (!rc && length && directory[length - 1] != '/')
		rc = bytes_append(message, "/", 1);
	if (!rc)
		rc = bytes_append_string(message, length || *name ? name : "''");
	return rc ? rc : bytes_append(message, ": ", 2);
}

int context_fail_below(struct ssum_context *context, int code, const char *directory,
		       const char *name)
{
	struct bytes *message = &context->message;

	message->length = 0;
	if ((name && append_name(message, directory, name)) ||
	    bytes_append_string(message, ssum_strerror(code)) || bytes_append(message, "", 1))
		message->length = 0;
	return code;
}

int context_fail(struct ssum_context *context, int code, const char *name)
{
	return context_fail_below(context, code, NULL, name);
}
