/* SPDX-License-Identifier: MIT */
#include "support/fuzz.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t take_below(struct program *program, uint64_t limit)
{
	uint64_t number = 0;

	for (uint64_t rest = limit - 1; rest; rest >>= 8) {
		number = number << 8 | (program->left ? *program->at : 0);
		program->at += program->left > 0;
		program->left -= program->left > 0;
	}
	return number % limit;
}

bool fuzz_text(struct fuzz_text *text, const uint8_t *data, size_t length)
{
	const uint8_t *end = length ? memchr(data, '\n', length) : NULL;

	*text = (struct fuzz_text){0};
	if (!end)
		return false;
	text->choices = strndup((const char *)data, (size_t)(end - data));
	text->length = length - (size_t)(end + 1 - data);
	text->text = calloc(text->length + 1, 1);
	require(text->choices && text->text);
	memcpy(text->text, end + 1, text->length);
	return true;
}

void fuzz_text_free(struct fuzz_text *text)
{
	free(text->choices);
	free(text->text);
}

bool chooses(const struct fuzz_text *text, const char *word)
{
	return strstr(text->choices, word) != NULL;
}

/* ---- A directory for files ---- */

static char directory[64], path[80];
static pid_t owner;

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(name);
}

static void remove_directory(void)
{
	if (getpid() == owner)
		nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_directory(void)
{
	const char *memory = getenv("TEST_TMPFS");

	if (owner == getpid())
		return directory;
	snprintf(directory, sizeof(directory), "%.40s/fuzz-XXXXXX", memory ? memory : "/tmp");
	require(mkdtemp(directory));
	owner = getpid();
	require(!atexit(remove_directory));
	return directory;
}

const char *fuzz_path(void)
{
	snprintf(path, sizeof(path), "%s/state", fuzz_directory());
	return path;
}
