/* SPDX-License-Identifier: MIT */
/*
 * Names that become inputs of the library. A stream (standard input, which - stands for, a FIFO, a
 * terminal) has no byte twice, and somebody at its other end: it is read after all that was named
 * before it and before all that is named behind, as a program does that takes one after the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options/input.h"

static bool reading_stream, stdin_was_used;
static size_t outstanding; /* inputs that were given and have not come back */

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

bool inputs_are_out(void)
{
	return outstanding;
}

/* A manifest; -1 and errno if it cannot be opened. Not to be closed if it is 0. */
int input_open(const char *name)
{
	if (!is_stdin(name))
		return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	stdin_was_used = true;
	return 0;
}

static void set_stdin(struct ssum_input *input)
{
	off_t offset = lseek(0, 0, SEEK_CUR);

	input->path = NULL;
	input->fd = 0;
	input->offset = offset > 0 ? (uint64_t)offset : 0;
	stdin_was_used = true;
}

/* False: the name has to wait until all inputs have come back. */
bool input_set(struct ssum_input *input, const char *name)
{
	struct stat st = {.st_mode = S_IFREG};
	bool is_stream = is_stdin(name) ||
			 (stat(name, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)));

	if (outstanding && (is_stream || reading_stream))
		return false;
	outstanding++;
	reading_stream = is_stream;
	if (is_stdin(name)) {
		set_stdin(input);
		return true;
	}
	input->path = name;
	/* Only so that progress knows what is due. */
	input->length = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return true;
}

/* What has nothing to read goes as a bad descriptor, so that it is told in its turn. */
void input_set_nothing(struct ssum_input *input)
{
	outstanding++;
	input->path = NULL;
	input->fd = -1;
}

/* With the result: leave standard input behind what was read, as a program that reads it would. */
void input_done(const char *name, uint64_t length)
{
	outstanding--;
	if (is_stdin(name))
		lseek(0, (off_t)length, SEEK_CUR);
}

/* The exit status, where nothing more is read: standard input cannot be closed twice. */
int inputs_end(int status)
{
	if (!stdin_was_used || !was_closed(0))
		return status;
	note("standard input: %s", ssum_strerror(-EBADF));
	return trouble();
}
