/* SPDX-License-Identifier: MIT */
#include "base/context.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 1024
#define MAX_TRIES 1000
#define DEFAULT_TRIES 3

/* No structure of any release is larger. A caller that forgets to set the size may pass any number:
   it must not become the length of a read. */
#define LARGEST_STRUCTURE ((size_t)4096)

/* ---- Structures that begin with their size ---- */

static int options_size(const void *structure, size_t *size)
{
	memcpy(size, structure, sizeof(*size));
	return *size < sizeof(*size) || *size > LARGEST_STRUCTURE ? SSUM_ERR_OPTIONS : 0;
}

int options_copy_in(void *options, size_t known, const void *structure)
{
	size_t size;

	memset(options, 0, known);
	if (!structure)
		return 0;
	if (options_size(structure, &size))
		return SSUM_ERR_OPTIONS;
	if (size > known && !bytes_are_zero((const char *)structure + known, size - known))
		return SSUM_ERR_OPTIONS;

	memcpy(options, structure, size < known ? size : known);
	memcpy(options, &known, sizeof(known));
	return 0;
}

int options_check_out(const void *structure)
{
	size_t size;

	return structure ? options_size(structure, &size) : 0;
}

int options_copy_out(void *structure, const void *value, size_t known)
{
	size_t size;

	if (!structure)
		return 0;
	if (options_size(structure, &size))
		return SSUM_ERR_OPTIONS;

	memset(structure, 0, size);
	memcpy(structure, value, size < known ? size : known);
	memcpy(structure, &size, sizeof(size));
	return 0;
}

/* ---- The context ---- */

const char *ssum_version(void)
{
	return SSUM_VERSION;
}

static int context_init(struct ssum_context *context, const struct ssum_options *caller_options)
{
	struct ssum_options *options = &context->options;
	int rc;

	*context = (struct ssum_context){.options = {0}};
	rc = options_copy_in(options, sizeof(*options), caller_options);
	if (rc)
		return rc;
	if (options->threads > MAX_THREADS || options->tries > MAX_TRIES ||
	    (unsigned)options->holes > SSUM_HOLES_READ)
		return SSUM_ERR_OPTIONS;

	/* One thread for each CPU that this process may use. With cpusets or taskset, these can be
	   fewer than all CPUs of the machine. */
	if (!options->threads) {
		cpu_set_t cpus;
		int count = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);

		options->threads = count < 1 ? 1 : (unsigned)min_u64((uint64_t)count, MAX_THREADS);
	}
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

int ssum_read_twice(const struct ssum_context *context)
{
	return context->read_twice;
}

const char *ssum_message(const struct ssum_context *context)
{
	return context->message.length ? context->message.data : "";
}

struct ssum_context *context_begin(struct ssum_context *caller, struct ssum_context *own)
{
	if (!caller) {
		context_init(own, NULL);
		return own;
	}
	caller->message.length = 0;
	return caller;
}

void context_end(struct ssum_context *context, struct ssum_context *own)
{
	if (context == own)
		bytes_free(&own->message);
}

int context_fail(struct ssum_context *context, int code, const char *directory, const char *name)
{
	struct bytes *message = &context->message;
	size_t length = directory ? strlen(directory) : 0;
	int rc = 0;

	message->length = 0;
	if (name) {
		const char *slash = length && directory[length - 1] != '/' ? "/" : "";
		const char *shown = length || *name ? name : "''"; /* make an empty name visible */

		rc = bytes_append_strings(message, length ? directory : "", slash, shown, ": ",
					  NULL);
	}
	if (!rc)
		rc = bytes_append_string(message, ssum_strerror(code));
	if (!rc)
		rc = bytes_append(message, "", 1);
	if (rc)
		message->length = 0; /* out of memory: no message */
	return code;
}
