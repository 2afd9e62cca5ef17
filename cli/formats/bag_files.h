/* SPDX-License-Identifier: MIT */
/* What the files of a bag have in common. */
#ifndef CLI_FORMATS_BAG_FILES_H
#define CLI_FORMATS_BAG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/reading.h"

#define BAG_DATA "data/"

struct bag_version {
	unsigned major, minor;
};

static inline bool bag_is_1_0(struct bag_version version)
{
	return version.major >= 1;
}

/* "BagIt-Version: 1.0" and the encoding, of bagit.txt. False if that is none, which is told. */
bool bag_declaration(struct reading *reading, int directory, struct bag_version *version,
		     char encoding[64]);

/* Split "DIGEST  NAME" or the like: *rest is what follows the first word. NULL if there is none. */
char *bag_word(char **rest);

/* Decode what a name has percent-encoded, in place. */
void bag_decode_name(char *name, struct bag_version version);

/* The library's name of an algorithm that a manifest's file name has; false if there is none. */
bool bag_algorithm(const char *name, struct ssum_algorithm_info *info);

/* How manifests' names spell an algorithm: in lower case, letters and digits alone. */
void bag_algorithm_part(const char *name, char *part, size_t size);

/* The algorithm in "manifest-sha256.txt"; NULL if it is no such name. To be freed. */
char *bag_manifest_algorithm(const char *name, const char *prefix);

/* bag-info.txt, and bytes and files of the payload as it has them and as they are. */

struct oxum {
	uint64_t bytes, files;
};

bool bag_payload_oxum(const char *directory, struct oxum *oxum);
void bag_check_info(struct reading *reading, int directory, const char *encoding);

/* What it holds, with the date and these counts instead of those before. To be freed. */
char *bag_info_text(const char *path, int directory, const struct oxum *oxum, size_t *length);

#endif
