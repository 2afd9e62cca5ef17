/* SPDX-License-Identifier: MIT */
#include "support/fuzz.h"

#include <string.h>
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

/* ---- A place for files ---- */

static char directory[64], path[80];
static pid_t owner;

static void remove_directory(void)
{
	if (getpid() != owner)
		return;
	unlink(path);
	rmdir(directory);
}

const char *fuzz_path(void)
{
	const char *memory = getenv("TEST_TMPFS");

	if (owner == getpid())
		return path;
	snprintf(directory, sizeof(directory), "%.40s/fuzz-XXXXXX", memory ? memory : "/tmp");
	require(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/state", directory);
	owner = getpid();
	require(!atexit(remove_directory));
	return path;
}
