/* SPDX-License-Identifier: MIT */
/*
 * Names that become inputs of the library. The name - is standard input: one stream, which two
 * readings must not share, so that the second waits for the end of the first.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static bool reading_stdin;

bool is_stdin(const char *name)
{
	return !strcmp(name, "-");
}

char **operands_or_stdin(const struct options *options)
{
	static char dash[] = "-";
	static char *stdin_alone[] = {dash, NULL};

	return *options->operands ? options->operands : stdin_alone;
}

bool input_must_wait(const char *name)
{
	return reading_stdin && is_stdin(name);
}

/* The size is asked for only so that progress knows what is due. */
static uint64_t size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

void input_set(struct ssum_input *input, const char *name)
{
	off_t offset;

	if (!is_stdin(name)) {
		input->path = name;
		input->length = size_of(name);
		return;
	}
	offset = lseek(0, 0, SEEK_CUR);
	input->path = NULL;
	input->fd = 0;
	input->offset = offset > 0 ? (uint64_t)offset : 0;
	reading_stdin = true;
}

/* What has nothing to read goes as a bad descriptor, so that it is told in its turn. */
void input_set_nothing(struct ssum_input *input)
{
	input->path = NULL;
	input->fd = -1;
}

/* With the result: leave standard input behind what was read, as a program that reads it would. */
void input_done(const char *name, uint64_t length)
{
	if (!is_stdin(name))
		return;
	lseek(0, (off_t)length, SEEK_CUR);
	reading_stdin = false;
}
