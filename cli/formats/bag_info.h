/* SPDX-License-Identifier: MIT */
/* bag-info.txt, and bytes and files of the payload as it has them and as they are. */
#ifndef CLI_FORMATS_BAG_INFO_H
#define CLI_FORMATS_BAG_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/reading.h"

struct oxum {
	uint64_t bytes, files;
};

bool oxum_of_payload(const char *directory, struct oxum *oxum);
void bag_check_info(struct reading *reading, int directory, const char *encoding);

/* What it holds, with the date and these counts instead of those before. To be freed. */
char *bag_info_text(const char *path, int directory, const struct oxum *oxum, size_t *length);

#endif
