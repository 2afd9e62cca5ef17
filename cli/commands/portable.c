/* SPDX-License-Identifier: MIT */
#include "commands/portable.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "output/unicode.h"

#define NAME_BYTES_MAX 255                     /* of most file systems */
#define FAT_FILE_MAX ((UINT64_C(1) << 32) - 1) /* bytes */

/* Whether Windows reserves a name for a device, with any suffix: "con", "aux.txt", "com1". */
static bool portable_is_device(const char *name, size_t length)
{
	static const char *const devices[] = {"con", "prn", "aux", "nul"};
	size_t stem = strcspn(name, ".");

	stem = stem < length ? stem : length;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (stem == 3 && !strncasecmp(name, devices[i], 3))
			return true;
	return stem == 4 && name[3] >= '1' && name[3] <= '9' &&
	       (!strncasecmp(name, "com", 3) || !strncasecmp(name, "lpt", 3));
}

const char *portable_fat_lacks(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < ' ' || strchr("<>:\"\\|?*", name[i]))
			return "Windows allows no < > : \" \\ | ? * or control character in a name";
	if (name[length - 1] == '.' || name[length - 1] == ' ')
		return "Windows drops a dot or blank at the end of a name";
	return NULL;
}

/* Why a component of a path cannot be stored; NULL if it can. */
static const char *portable_component(const char *name, size_t length)
{
	const char *why = portable_fat_lacks(name, length);

	if (why)
		return why;
	if (portable_is_device(name, length))
		return "Windows reserves this name for a device";
	if (length > NAME_BYTES_MAX)
		return "most file systems store at most 255 bytes of a name";
	return NULL;
}

void portable_check(const struct ssum_report *report)
{
	const char *why = NULL, *name = report->path;

	for (size_t length; !why; name += length + 1) {
		length = strcspn(name, "/");
		why = portable_component(name, length);
		if (!name[length])
			break;
	}
	if (!why && !utf8_is(report->path))
		why = "it is not UTF-8; other systems read it in another encoding";
	if (why)
		note("warning: %s: this name is not portable: %s", quoted(report->path), why);
	if (report->found.type == SSUM_TYPE_SYMLINK)
		note("warning: %s: FAT and exFAT cannot store a symlink", quoted(report->path));
	if (report->found.type == SSUM_TYPE_FILE && report->found.length > FAT_FILE_MAX)
		note("warning: %s: FAT cannot store a file of 4 GiB or more", quoted(report->path));
}
