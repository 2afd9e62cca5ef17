/* SPDX-License-Identifier: MIT */
/* Files of checkpoints: any text; the entries that are read can be written and read back. */
#include <string.h>
#include <unistd.h>

#include "support/checkpoints.h"
#include "support/fuzz.h"
#include "sparsesum/package.h"

static void require_comes_back(const struct all_read *all)
{
	struct bytes text = text_of(all->algorithm, all->entries, all->count);
	struct all_read again;

	read_text(&again, text.data, text.length);
	require(again.code == 0 && again.count == all->count);
	for (size_t i = 0; i < all->count; i++)
		assert_same_checkpoints(&again.entries[i], &all->entries[i]);
	all_read_free(&again);
	bytes_free(&text);
}

/* A reader that skips the values gets the same entries. */
static void require_same_without_values(const struct all_read *all, int fd)
{
	struct ssum_checkpoints entry = {.count = 0};
	struct checkpoints_reader reader;

	require(!lseek(fd, 0, SEEK_SET) && !checkpoints_reader_begin(&reader, fd));
	for (size_t i = 0; i < all->count; i++) {
		require(checkpoints_reader_next(&reader, &entry) == 1);
		require(!strcmp(entry.name, all->entries[i].name));
		require(entry.length == all->entries[i].length);
		require(ssum_digest_equal(&entry.digest, &all->entries[i].digest));
		checkpoints_clear(&entry);
	}
	checkpoints_reader_end(&reader);
}

static const struct ssum_checkpoints *first_of(const struct all_read *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->entries[i].name, name))
			return &all->entries[i];
	return NULL;
}

/* By name, the public function returns the first entry of that name. */
static void require_found(const struct all_read *all, int fd, const char *name)
{
	struct ssum_checkpoints *found;

	require(!lseek(fd, 0, SEEK_SET) && !ssum_checkpoints_read(fd, name, &found));
	assert_same_checkpoints(found, name ? first_of(all, name) : &all->entries[0]);
	ssum_checkpoints_free(found);
}

/* From memory, all entries in the same order, and the same error. */
static void require_listed(const struct all_read *all, const void *data, size_t length)
{
	struct ssum_checkpoints_list *list;
	struct ssum_checkpoints *found;
	size_t count = 0;
	int rc = ssum_checkpoints_open_text(data, length, &list);

	require(!list == !!rc);
	while (list && (rc = ssum_checkpoints_next(list, &found)) == 1) {
		require(count < all->count);
		assert_same_checkpoints(found, &all->entries[count++]);
		ssum_checkpoints_free(found);
	}
	require(count == all->count && rc == all->code);
	ssum_checkpoints_close(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	int fd = memory_file(data, length);
	struct all_read all;

	read_all(&all, fd);
	require(all.code == 0 || all.code == SSUM_ERR_MALFORMED || all.code == SSUM_ERR_ALGORITHM);
	if (*all.algorithm) {
		require_comes_back(&all);
		require_same_without_values(&all, fd);
	}
	for (size_t i = 0; i < all.count; i++)
		require_found(&all, fd, all.entries[i].name);
	if (all.count)
		require_found(&all, fd, NULL);
	require_listed(&all, data, length);
	all_read_free(&all);
	close(fd);
	return 0;
}
