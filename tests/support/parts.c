/* SPDX-License-Identifier: MIT */
#include "support/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "support/scratch.h"
#include "support/suite.h"

static const char *const names[FILES] = {"a", "b"};
struct trial trial;

/* ---- The two files ---- */

static const struct source_ops *file_ops;
static struct source_ops watched;

static struct watch *watch_of(const struct source *source)
{
	return &trial.watch[source == &trial.division.file[B].file.source];
}

static int watched_open(struct source *source, const struct waiter *waiter)
{
	struct watch *watch = watch_of(source);
	int rc = watch->open_fails ? watch->open_fails : file_ops->open(source, waiter);

	if (watch->has_no_size)
		source->has_size = false;
	watch->opens += !rc;
	return rc;
}

static int watched_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			   size_t *got)
{
	struct watch *watch = watch_of(source);

	watch->reads++;
	if (watch->decides_at - offset < length)
		compare_sink_decide(&trial.division.decisive, watch->decides);
	if (watch->fails_at - offset < length)
		return -EIO;
	return file_ops->read_at(source, buffer, length, offset, got);
}

static int watched_check(struct source *source)
{
	struct watch *watch = watch_of(source);

	watch->checks++;
	return watch->check_fails ? watch->check_fails : file_ops->check(source);
}

static void watched_close(struct source *source)
{
	watch_of(source)->closes++;
	file_ops->close(source);
}

/* ---- The comparison ---- */

void poke(const char *path, uint64_t offset, char byte)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	ck_assert(fd >= 0 && pwrite(fd, &byte, 1, (off_t)offset) == 1 && !close(fd));
}

void set_length(const char *path, uint64_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	ck_assert(fd >= 0 && !ftruncate(fd, (off_t)length) && !close(fd));
}

void trial_watch(int i)
{
	struct source *source = &trial.division.file[i].file.source;

	file_ops = source->ops;
	watched = *file_ops;
	watched.open = watched_open;
	watched.read_at = watched_read_at;
	watched.check = watched_check;
	watched.close = watched_close;
	source->ops = &watched;
}

void trial_begin(enum ssum_holes holes)
{
	const struct ssum_options options = {.size = sizeof(options), .holes = holes, .threads = 1};

	scratch_enter_tmpfs();
	assert_ok(ssum_context_new(&options, &trial.context));
	division_init(&trial.division, trial.context, "name", &trial.division);
	for (int i = 0; i < FILES; i++) {
		set_length(names[i], 0);
		file_source_named(&trial.division.file[i].file, names[i], holes);
		trial_watch(i);
		trial.watch[i] = (struct watch){.fails_at = NOWHERE, .decides_at = NOWHERE};
	}
	trial.spans = 0;
}

void trial_begin_with_parts(enum ssum_holes holes)
{
	trial_begin(holes);
	for (int i = 0; i < FILES; i++) {
		set_length(names[i], PARTS_LENGTH);
		for (uint64_t at = 0; at < PARTS_LENGTH; at += PART_LENGTH)
			poke(names[i], at, 'x');
	}
}

void trial_give(unsigned count)
{
	assert_ok(division_open(&trial.division, NULL));
	while (trial.spans < count) {
		ck_assert(!division_at_end(&trial.division));
		ck_assert_int_eq(division_next(&trial.division, &trial.span[trial.spans]), 1);
		ck_assert_uint_eq(trial.division.parts, ++trial.spans);
	}
}

void trial_take(unsigned i)
{
	ck_assert_int_eq(division_take(&trial.division, trial.span[i]), trial.span[i]->result);
}

void trial_end(void)
{
	for (unsigned i = 0; i < trial.spans; i++)
		division_drop(&trial.division, trial.span[i]);
	ck_assert_uint_eq(trial.division.parts, 0);
	division_end(&trial.division);
	for (int i = 0; i < FILES; i++)
		ck_assert_uint_eq(trial.watch[i].opens, trial.watch[i].closes);
	ssum_context_free(trial.context);
	scratch_leave();
}

void trial_reset_counts(void)
{
	for (int i = 0; i < FILES; i++)
		trial.watch[i].reads = trial.watch[i].checks = 0;
}
