/* SPDX-License-Identifier: MIT */
/* A text file that is read as a whole, and its lines: manifests of other programs. */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/memory.h"
#include "output/signals.h"
#include "formats/text_file.h"
#include "sparsesum.h"

/* Manifests are smaller. The maximum size: larger files could exhaust memory. */
#define TEXT_MAX ((off_t)1 << 30)

static int text_read_all(struct text_file *file, int fd)
{
	struct stat st;
	ssize_t got = 1;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : SSUM_ERR_NOT_REGULAR;
	if (st.st_size > TEXT_MAX)
		return -EFBIG;
	file->text = allocate((size_t)st.st_size + 1);
	while (got > 0 && file->length < (size_t)st.st_size) {
		got = read(fd, file->text + file->length, (size_t)st.st_size - file->length);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			file->length += (size_t)got;
	}
	file->text[file->length] = '\0';
	file->at = file->text;
	return got < 0 ? -errno : file->length < (size_t)st.st_size ? SSUM_ERR_CHANGED : 0;
}

int text_read(struct text_file *file, int at, const char *name)
{
	int fd = signals_open(at, name, at == AT_FDCWD ? 0 : O_NOFOLLOW);
	int rc;

	*file = (struct text_file){0};
	if (fd < 0)
		return errno == ELOOP ? SSUM_ERR_SYMLINK : -errno;
	rc = text_read_all(file, fd);
	close(fd);
	if (rc)
		text_free(file);
	return rc;
}

void text_free(struct text_file *file)
{
	free(file->text);
	*file = (struct text_file){0};
}

char *text_next(struct text_file *file, size_t *length)
{
	char *line = file->at, *limit, *end;

	if (!line)
		return NULL;
	limit = file->text + file->length;
	if (line >= limit)
		return NULL;
	for (end = line; end < limit && *end != '\n' && !(*end == '\r' && file->ends_in_cr);)
		end++;
	file->line++;
	file->at = end + 1;
	if (end < limit && *end == '\r' && end[1] == '\n')
		file->at++;
	*end = '\0';
	*length = (size_t)(end - line);
	return line;
}

/* ---- Encodings ---- */

static void text_drop_mark(struct text_file *file)
{
	if (!strncmp(file->text, "\xef\xbb\xbf", 3)) {
		file->length -= 3;
		memmove(file->text, file->text + 3, file->length + 1);
	}
}

bool text_decode(struct text_file *file, const char *encoding)
{
	size_t left = file->length, room = 4 * left + 4;
	char *from = file->text, *decoded, *to;
	iconv_t converter;
	bool converted, has_mark = left >= 2 &&
				   (!memcmp(from, "\xfe\xff", 2) || !memcmp(from, "\xff\xfe", 2));

	/* A suffix such as //IGNORE would drop characters. */
	if (strchr(encoding, '/'))
		return false;
	if (!strcasecmp(encoding, "UTF-8")) { /* not validated: names may be any bytes */
		text_drop_mark(file);
		return true;
	}
	/* UTF-16 without a mark is big-endian (RFC 2781), but iconv uses the byte order of the
	 * machine.
	 */
	if (!strcasecmp(encoding, "UTF-16") && !has_mark)
		encoding = "UTF-16BE";
	converter = iconv_open("UTF-8", encoding);
	if (converter == (iconv_t)-1)
		return false;
	to = decoded = allocate(room + 1);
	/* The second call writes the last character, which iconv() buffers for some encodings
	   (CP1258, TCVN), because a combining character may follow. */
	converted = iconv(converter, &from, &left, &to, &room) != (size_t)-1 && !left &&
		    iconv(converter, NULL, NULL, &to, &room) != (size_t)-1;
	iconv_close(converter);
	free(file->text);
	*to = '\0';
	file->text = file->at = decoded;
	file->length = (size_t)(to - decoded);
	text_drop_mark(file);
	return converted;
}

int text_read_list(struct text_file *file, const char *path)
{
	int code = text_read(file, AT_FDCWD, path);
	const char *end;

	if (code)
		return code;
	if (!strncmp(file->text, "\xff\xfe", 2) || !strncmp(file->text, "\xfe\xff", 2)) {
		if (!text_decode(file, "UTF-16")) {
			text_free(file);
			return SSUM_ERR_MALFORMED;
		}
	} else {
		text_drop_mark(file);
	}
	end = strpbrk(file->text, "\r\n");
	file->ends_in_cr = end && *end == '\r';
	return 0;
}
