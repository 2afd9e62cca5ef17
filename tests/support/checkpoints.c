/* SPDX-License-Identifier: MIT */
#include "support/checkpoints.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/oracle.h"
#include "support/reference.h"
#include "support/suite.h"
#include "sparsesum/package.h"

int memory_file(const void *text, size_t length)
{
	int fd = memfd_create("text", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t at = 0; at < length;) {
		ssize_t n = write(fd, (const char *)text + at, length - at);

		ck_assert_int_gt(n, 0);
		at += (size_t)n;
	}
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

void true_checkpoints(struct ssum_checkpoints *checkpoints, const char *algorithm,
		      uint64_t interval, const void *content, size_t length)
{
	struct ssum_digest value = oracle_of_bytes(algorithm, content, length);
	struct algorithm found;

	assert_ok(algorithm_find(algorithm, &found));
	assert_ok(checkpoints_init(checkpoints, &found, interval));
	algorithm_release(&found);
	for (uint64_t at = interval; at < length; at += interval) {
		struct ssum_digest at_offset = reference_of_bytes(algorithm, content, (size_t)at);

		assert_ok(checkpoints_set(checkpoints, at, &at_offset));
	}
	checkpoints_finish(checkpoints, length, &value);
}

/* Fail unless the entry is valid by docs/checkpoints.md. */
static void assert_possible(const struct ssum_checkpoints *entry, const char *algorithm)
{
	ck_assert_str_eq(entry->algorithm, algorithm);
	ck_assert(entry->name && *entry->name);
	ck_assert(entry->interval && entry->interval % 4096 == 0);
	ck_assert(entry->length > entry->interval);
	ck_assert_uint_eq(entry->count, (entry->length - 1) / entry->interval);
	ck_assert_uint_le(entry->count, 65536);
	ck_assert_uint_le(entry->capacity, 65536);
	ck_assert(entry->values != NULL);
}

void read_all(struct all_read *all, int fd)
{
	struct checkpoints_reader reader;
	struct ssum_checkpoints entry;

	*all = (struct all_read){.code = checkpoints_reader_begin(&reader, fd)};
	ck_assert_int_le(all->code, 0);
	if (!all->code) {
		strcpy(all->algorithm, reader.algorithm.name);
		all->code = 1;
	}
	while (all->code == 1) {
		all->code = checkpoints_reader_next(&reader, &entry);
		if (all->code != 1)
			break;
		int rc = checkpoints_reader_values(&reader, &entry);
		if (rc) {
			ck_assert_int_lt(rc, 0);
			all->code = rc;
			break;
		}
		assert_possible(&entry, all->algorithm);
		all->entries = realloc(all->entries, (all->count + 1) * sizeof(entry));
		ck_assert(all->entries != NULL);
		all->entries[all->count++] = entry;
		entry = (struct ssum_checkpoints){0};
	}
	if (*all->algorithm)
		checkpoints_clear(&entry);
	all->line = reader.lines.number;
	ck_assert_uint_le(reader.lines.text.capacity, 2 * MIB); /* bounded for any input */
	checkpoints_reader_end(&reader);
}

void read_text(struct all_read *all, const void *text, size_t length)
{
	int fd = memory_file(text, length);

	read_all(all, fd);
	ck_assert(!close(fd));
}

void all_read_free(struct all_read *all)
{
	for (size_t i = 0; i < all->count; i++)
		checkpoints_clear(&all->entries[i]);
	free(all->entries);
	*all = (struct all_read){.count = 0};
}

void assert_same_checkpoints(const struct ssum_checkpoints *a, const struct ssum_checkpoints *b)
{
	ck_assert_str_eq(a->algorithm, b->algorithm);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_uint_eq(a->length, b->length);
	ck_assert_uint_eq(a->interval, b->interval);
	ck_assert_uint_eq(a->value_length, b->value_length);
	ck_assert_uint_eq(a->count, b->count);
	assert_digest_eq(a->digest, b->digest);
	ck_assert_mem_eq(a->values, b->values, a->count * a->value_length);
}

struct bytes text_of(const char *algorithm, const struct ssum_checkpoints *entries, size_t count)
{
	struct bytes text = {0};

	assert_ok(checkpoints_append_head(&text, algorithm));
	for (size_t i = 0; i < count; i++)
		assert_ok(checkpoints_append(&text, &entries[i]));
	return text;
}
