/* SPDX-License-Identifier: MIT */
/* Standard output, where every write is checked, and the messages on standard error. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/output.h"
#include "base/progress.h"

const char *program = PROGRAM;
static int in_trouble = UNDECIDED;
static bool messages_count;
static bool failed, terminal, closed[3];
static FILE *diverted; /* where text goes instead, or NULL */

/*
 * A manifest that is opened must not become descriptor 1 and receive our output. The closed ones
 * are filled the wrong way round, so that using them still fails.
 */
static void fill_closed_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		closed[fd] = fcntl(fd, F_GETFD) < 0;
		if (closed[fd] && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(trouble());
	}
}

/* Whether standard input, output or error was closed when the program began. */
bool was_closed(int fd)
{
	return closed[fd];
}

void output_for(int trouble, bool messages_matter)
{
	in_trouble = trouble;
	messages_count = messages_matter;
}

int trouble(void)
{
	return in_trouble;
}

void output_begin(void)
{
	fill_closed_descriptors();
	terminal = isatty(1);
	/* Whole lines, so that those of parallel processes do not mix. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

bool output_is_terminal(void)
{
	return terminal && !diverted;
}

bool output_failed(void)
{
	return failed;
}

static void write_error(void)
{
	int error = errno;

	if (failed)
		return;
	failed = true;
	note("write error: %s", ssum_strerror(-error));
}

/* What out() prints goes there, until NULL is given. */
void output_divert(FILE *to)
{
	diverted = to;
}

void out(const char *format, ...)
{
	va_list arguments;

	if (diverted) {
		va_start(arguments, format);
		vfprintf(diverted, format, arguments);
		va_end(arguments);
		return;
	}
	if (failed)
		return;
	progress_wipe();
	va_start(arguments, format);
	if (vprintf(format, arguments) < 0 || ferror(stdout))
		write_error();
	va_end(arguments);
}

void out_bytes(const char *bytes, size_t length)
{
	if (failed)
		return;
	progress_wipe();
	if (fwrite(bytes, 1, length, stdout) < length || ferror(stdout))
		write_error();
}

/* Nothing is written until it is flushed and closed: the last place to learn of a full disk. */
int output_end(int status)
{
	progress_wipe();
	if (fclose(stdout))
		write_error();
	/* Where messages are part of what was asked for, as with sha1sum, they must have come out.
	 */
	if (ferror(stderr) && messages_count)
		failed = true;
	return failed ? trouble() : status;
}

static void PRINTF(1, 0) message(const char *format, va_list arguments)
{
	progress_wipe();
	/* Where both go to one place, they stand there in the order in which they were said. */
	if (fflush(stdout))
		write_error();
	fprintf(stderr, "%s: ", program);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message(format, arguments);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message(format, arguments);
	va_end(arguments);
	exit(trouble());
}
