/* SPDX-License-Identifier: MIT */
#include "ops/operation.h"

#include <unistd.h>

#include "base/context.h"
#include "engine/span.h"
#include "io/opening.h"

static int operation_tick(void *user, const struct run_progress *run)
{
	struct operation *operation = user;
	const struct ssum_options *options = &operation->context->options;
	uint64_t due = operation->bytes_due;
	uint64_t done = operation->bytes_of_earlier_runs + run->bytes_done;
	struct ssum_progress progress = {
		.size = sizeof(progress),
		.bytes_done = done,
		.bytes_due = due > done ? due : done,
		.files_done = operation->files_done,
		.files_due = operation->files_due,
		.due_is_final = run->is_complete && !operation->more_follows,
		.waited = clocks_waited(&operation->devices.clocks),
	};

	operation->last = *run;
	operation->last.oldest = NULL;
	if (operation->resume) {
		resume_tick(operation->resume);
		progress.bytes_recorded = operation->resume->recorded_before;
	}
	if (run->oldest)
		progress.path = container_of(run->oldest, struct job, span)->path;
	return options->progress && options->progress(options->user, &progress) ? SSUM_ERR_CANCELLED
										: 0;
}

void operation_begin(struct operation *operation, struct ssum_context *context,
		     ssum_report_fn *report, void *user)
{
	*operation = (struct operation){.report = report, .user = user};
	operation->ticker = (struct ticker){.tick = operation_tick, .user = operation};
	operation->context = context_begin(context, &operation->own);
	devices_init(&operation->devices, operation->context);
	operation->descriptors = descriptors_open();
}

/* Make the message of the operation. If the file changed, the message names what changed, such as
   the size. */
static void operation_fail(struct operation *operation, int rc, const char *name)
{
	struct bytes *message = &operation->context->message;
	char changes[SSUM_CHANGES_MAX];

	context_fail(operation->context, rc, NULL, name);
	ssum_changes_text(operation->changes, changes);
	if (rc != SSUM_ERR_CHANGED || !*changes || !message->length)
		return;
	message->length--; /* the NUL */
	if (bytes_append_strings(message, ": ", changes, NULL) || bytes_append(message, "", 1))
		message->length = 0;
}

int operation_end(struct operation *operation, int rc, struct ssum_summary *summary,
		  const char *name)
{
	struct ssum_context *context = operation->context;

	operation->summary.holes_read = atomic_load(&operation->devices.holes_read);
	context->read_twice = rc >= 0 && operation->read_twice;
	operation->summary.size = sizeof(operation->summary);
	if (options_copy_out(summary, &operation->summary, sizeof(operation->summary)))
		rc = SSUM_ERR_OPTIONS;
	if (rc < 0 && !context->message.length)
		operation_fail(operation, rc, name);
	context_end(context, &operation->own);
	devices_end(&operation->devices);
	if (operation->descriptors >= 0)
		close(operation->descriptors);
	return rc;
}

void operation_source(struct operation *operation, struct file_source *file, int root,
		      const char *path)
{
	file_source_beneath(file, root, path, operation->context->options.holes);
	file->devices = &operation->devices;
	file->descriptors = operation->descriptors;
}

void operation_due(struct operation *operation, struct job *job, uint64_t length)
{
	job->span.weight = length;
	operation->files_due++;
	operation->bytes_due += length;
}

int operation_report(struct operation *operation, struct ssum_report *report)
{
	if (report->kind == SSUM_REPORT_ENTRY || report->kind == SSUM_REPORT_LINE) {
		operation->summary.entries++;
		operation->summary.count[report->verdict]++;
		operation->summary.read_twice += report->read_twice != 0;
	}
	report->size = sizeof(*report);
	return operation->report && operation->report(operation->user, report) ? SSUM_ERR_CANCELLED
									       : 0;
}

int operation_pause(void *user)
{
	struct operation *operation = user;
	int rc = ticker_poll(&operation->ticker, &operation->last);

	return !rc && context_cancelled(operation->context) ? SSUM_ERR_CANCELLED : rc;
}

int operation_run(struct operation *operation, struct pool_client client)
{
	client.ticker = &operation->ticker;
	return pool_run(operation->context, &client);
}

static int operation_next_job(void *user, struct span **span)
{
	struct job **job = user;
	int more = *job != NULL;

	if (more)
		*span = &(*job)->span;
	*job = NULL;
	return more;
}

static int operation_job_done(void *user, struct span *span, struct span **follow_up)
{
	(void)user;
	(void)span;
	(void)follow_up;
	return 0;
}

static void operation_drop_job(void *user, struct span *span)
{
	(void)user;
	(void)span;
}

int operation_run_job(struct operation *operation, struct job *job)
{
	/* Reading may block for a long time: the pool reads on another thread, so that this one can
	   report progress. */
	struct job *next = job;
	int rc = job->span.alone
			 ? operation_run(operation, (struct pool_client){.next = operation_next_job,
									 .done = operation_job_done,
									 .drop = operation_drop_job,
									 .user = &next,
									 .files = 1})
			 : span_run(operation->context, &job->span, &operation->ticker);

	operation->changes = job->span.changes;
	operation->read_twice = job->span.read_twice;
	return rc ? rc : job->span.result;
}

enum ssum_verdict verdict_of_error(int error)
{
	switch (error) {
	case SSUM_ERR_CHANGED:
		return SSUM_CHANGED;
	case SSUM_ERR_HOLE_NOT_ZERO:
		return SSUM_FALSE_HOLE;
	default:
		return SSUM_UNREADABLE;
	}
}

const char *ssum_verdict_name(enum ssum_verdict verdict)
{
	static const char *const names[SSUM_VERDICT_COUNT] = {
		[SSUM_HOLDS] = "holds",           [SSUM_DIFFERS] = "differs",
		[SSUM_MISSING] = "missing",       [SSUM_EXTRA] = "extra",
		[SSUM_UNREADABLE] = "unreadable", [SSUM_CHANGED] = "changed",
		[SSUM_FALSE_HOLE] = "false hole", [SSUM_BAD_LINE] = "bad line",
		[SSUM_UNDECIDED] = "undecided",
	};

	return (unsigned)verdict < SSUM_VERDICT_COUNT ? names[verdict] : "unknown";
}
