/* SPDX-License-Identifier: MIT */
/* The text files of a bag (BagIt, RFC 8493): what reading and creating one share. */
#ifndef CLI_FORMATS_BAG_FILES_H
#define CLI_FORMATS_BAG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/reading.h"
#include "output/memory.h"

#define BAG_DATA "data/"

struct bag_version {
	unsigned major, minor;
};

static inline bool bag_is_1_0(struct bag_version version)
{
	return version.major >= 1;
}

/* Reads bagit.txt: "BagIt-Version: 1.0" and the encoding. If it is invalid, adds a problem and
   returns false. */
bool bag_declaration(struct reading *reading, int directory, struct bag_version *version,
		     char encoding[64]);

/* Cuts off the first word of a line such as "DIGEST  NAME"; *rest is what follows. NULL if nothing
   follows. */
char *bag_word(char **rest);

/* Decodes percent-encoded characters of a name, in place. */
void bag_decode_name(char *name, struct bag_version version);

/* The form of an algorithm's name in names of manifests: lower case, only letters and digits. */
void bag_algorithm_part(const char *name, char *part, size_t size);

/* The algorithm in "manifest-sha256.txt", to be freed; NULL if the name has another form. */
char *bag_manifest_algorithm(const char *name, const char *prefix);

/* The size of the payload. BagIt calls it Payload-Oxum. */
struct oxum {
	uint64_t bytes, files;
};

/* Counts the payload, without opening files. False if that fails. Opens the directory by its path,
   because ssum_tree_open() takes no descriptor. */
bool bag_payload_oxum(const char *directory, struct oxum *oxum);

/* Checks bag-info.txt, which is optional, and the Payload-Oxum in it. Adds problems. */
void bag_check_info(struct reading *reading, int directory, const char *encoding);

/* The new text of bag-info.txt: the present one with a new date and Payload-Oxum. To be freed. */
char *bag_info_text(const char *path, int directory, const struct oxum *oxum, size_t *length);

#endif
