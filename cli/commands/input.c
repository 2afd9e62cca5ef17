/* SPDX-License-Identifier: MIT */
/* Names that become inputs of the library. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/input.h"
#include "output/signals.h"

int input_open(struct inputs *inputs, const char *name)
{
	struct stat st;

	if (!is_stdin(name))
		return stat(name, &st) == 0 && S_ISREG(st.st_mode)
			       ? signals_open(AT_FDCWD, name, 0)
			       : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	inputs->stdin_used = true;
	return 0;
}

void input_open_directory(struct app *app)
{
	app->directory = open(app->options->operands[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	app->directory_error = app->directory < 0 ? -errno : 0;
}

bool input_set(struct inputs *inputs, struct ssum_input *input, const char *name)
{
	struct stat st = {.st_mode = S_IFREG};
	bool is_stream = is_stdin(name) ||
			 (stat(name, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)));

	if (inputs->outstanding && (is_stream || inputs->reading_stream))
		return false;
	inputs->outstanding++;
	inputs->reading_stream = is_stream;
	if (is_stdin(name)) {
		off_t offset = lseek(0, 0, SEEK_CUR);

		input->path = NULL;
		input->fd = 0;
		input->offset = offset > 0 ? (uint64_t)offset : 0;
		inputs->stdin_used = true;
	} else {
		input->path = name;
		/* The progress display shows how much is left. */
		input->length = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	}
	return true;
}

void input_set_nothing(struct inputs *inputs, struct ssum_input *input)
{
	inputs->outstanding++;
	input->path = NULL;
	input->fd = -1;
}

void input_done(struct inputs *inputs, const char *name, uint64_t length)
{
	inputs->outstanding--;
	/* The library reads with offsets. Move the position of standard input as a program does
	   that reads it. */
	if (is_stdin(name))
		lseek(0, (off_t)length, SEEK_CUR);
}

int inputs_end(const struct app *app, const struct inputs *inputs, int status)
{
	/* Fail as sha1sum, which cannot close a descriptor that was closed before. */
	if (!inputs->stdin_used || !output_was_closed(0))
		return status;
	note("standard input: %s", ssum_strerror(-EBADF));
	return app->command->error_status;
}
