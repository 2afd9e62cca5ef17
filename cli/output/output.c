/* SPDX-License-Identifier: MIT */
/* Standard output, whose errors are all reported, and messages on standard error. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/output.h"
#include "sparsesum.h"

/* Points into struct app. The streams belong to the process, and any function may print or run out
   of memory: a pointer here is simpler than an argument of every function. */
static struct output *output;

void output_begin(struct output *state)
{
	output = state;
	/* Fill closed descriptors. Otherwise the next file to be opened could become descriptor 1
	   and receive our output. They are opened so that reading standard input and writing the
	   others still fails. */
	for (int fd = 0; fd <= 2; fd++) {
		output->closed[fd] = fcntl(fd, F_GETFD) < 0;
		if (output->closed[fd] && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(output->error_status);
	}
	output->is_terminal = isatty(1);
	/* Write whole lines, so that lines of parallel processes do not mix. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

bool output_was_closed(int fd)
{
	return output->closed[fd];
}

bool output_is_terminal(void)
{
	return output->is_terminal && !output->diverted;
}

bool output_failed(void)
{
	return output->failed;
}

void output_divert(FILE *to)
{
	output->diverted = to;
}

void output_erase_line(void)
{
	static const char erase[] = "\r\033[K";

	/* Standard error is not buffered. A failure leaves the line there, and nothing is lost. */
	if (output->line_drawn && write(2, erase, strlen(erase)) < 0)
		return;
	output->line_drawn = false;
}

bool output_has_escapes(void)
{
	const char *terminal = getenv("TERM");

	return terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

void output_draw(const char *format, ...)
{
	va_list arguments;

	fputc('\r', stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("\033[K", stderr);
	output->line_drawn = true;
}

/* Reports the first failure of standard output, with the reason in errno. */
static void output_fail(void)
{
	int error = errno;

	if (output->failed)
		return;
	output->failed = true;
	note("write error: %s", ssum_strerror(-error));
}

void out(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (output->diverted) {
		vfprintf(output->diverted, format, arguments);
	} else if (!output->failed) {
		output_erase_line();
		if (vprintf(format, arguments) < 0 || ferror(stdout))
			output_fail();
	}
	va_end(arguments);
}

void out_bytes(const char *bytes, size_t length)
{
	if (output->failed)
		return;
	output_erase_line();
	if (fwrite(bytes, 1, length, stdout) < length || ferror(stdout))
		output_fail();
}

int output_end(int status)
{
	output_erase_line();
	/* The last chance to detect a full disk. */
	if (fclose(stdout))
		output_fail();
	if (ferror(stderr) && output->messages_matter)
		output->failed = true;
	return output->failed ? output->error_status : status;
}

/* Keep the order of both streams if they go to the same file. After a failure, standard output may
   be closed, and nothing more is written to it. */
static void output_begin_message(void)
{
	output_erase_line();
	if (!output->failed && fflush(stdout))
		output_fail();
}

void note_line(const char *line)
{
	output_begin_message();
	fprintf(stderr, "%s\n", line);
}

static void PRINTF(1, 0) output_message(const char *format, va_list arguments)
{
	output_begin_message();
	fprintf(stderr, "%s: ", output->program);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	output_message(format, arguments);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	output_message(format, arguments);
	va_end(arguments);
	exit(output->error_status);
}
