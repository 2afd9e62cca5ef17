/* SPDX-License-Identifier: MIT */
/* Manifests in the formats of other programs: found, read into a listing, and concluded on. */
#ifndef CLI_FORMATS_H
#define CLI_FORMATS_H

#include "cli.h"

/* A file that is to be fetched: listed, and not there. */
struct fetch {
	char *name, *url;
	uint64_t line;
};

/* Something that is wrong with what was read. */
struct problem {
	bool is_proven;
	uint64_t line; /* or 0 */
	char *path, *text;
};

/* What is read for a folder, and what came of it so far. */
struct reading {
	const struct run *run;
	const struct format *format;
	const char *folder;
	struct ssum_listing *listing;
	struct list algorithms;  /* that it lists digests by */
	char version[16];        /* of the format, or "" */
	bool differs, undecided; /* found by reading alone */
	struct problem *problems;
	size_t problem_count;
	struct fetch *fetches; /* sorted by name */
	size_t fetch_count;
	uint64_t moved; /* missing files whose content was found */
};

struct format {
	const char *name;  /* for --format and JSON */
	const char *title; /* for people: "BagIt", then the version, then */
	const char *noun;  /* "bag" */
	bool is_folder;    /* the folder itself says so; else a manifest that is named with -m */
	bool (*recognise)(const char *path); /* of the folder, or of the manifest */
	void (*read)(struct reading *reading, const char *path);
	/* What there is to say in the end; object is NULL for people. Or NULL. */
	void (*conclude)(const struct reading *reading, const struct ssum_summary *summary,
			 int code, json_t *object);
};

extern const struct format format_bagit, format_hashdeep, format_mtree;

/* formats.c */

/* The one that is asked for or recognised; NULL is our own. */
const struct format *format_choose(const struct run *run);
char *format_names(void);
bool format_is_own(const char *name);

/* reading.c */

void reading_begin(struct reading *reading, const struct format *format, const struct run *run);
void reading_end(struct reading *reading);

/* Say what is wrong with what was read: proven, or such that nothing can be decided. */
void reading_problem(struct reading *reading, bool is_proven, const char *path, uint64_t line,
		     const char *format, ...) PRINTF(5, 6);

/* Add what a line lists. False if it was refused, which is told. */
bool reading_add(struct reading *reading, const struct ssum_listed_entry *entry);
void reading_add_algorithm(struct reading *reading, const char *name);

/* An entry was judged. */
void reading_take(struct reading *reading, const struct ssum_report *report);

/* The code with what was found by reading. */
int reading_result(const struct reading *reading, int code);
void reading_conclude(const struct reading *reading, const struct ssum_summary *summary, int code,
		      json_t *object);

/* text_file.c: a whole file of text, line by line. */

struct text_file {
	char *text;
	size_t length;
	char *at;
	uint64_t line;
	bool ends_in_cr; /* a CR alone ends a line too, and none is part of one */
};

/* Read a regular file, `name` in the folder at; a link is followed only outside of one (AT_FDCWD).
   0 or -errno. */
int text_read(struct text_file *file, int at, const char *name);

/* The next line without its end, as a string; NULL at the end. Its length tells a NUL in it. */
char *text_next(struct text_file *file, size_t *length);
void text_free(struct text_file *file);

/* Convert the whole text to UTF-8, and drop its byte order mark. False if it is none of that
   encoding, or there is no such encoding. */
bool text_decode(struct text_file *file, const char *encoding);

/* bag_lines.c: what BagIt's files have in common. */

#define BAG_DATA "data/"

struct bag_version {
	unsigned major, minor;
};

static inline bool is_bag_1_0(struct bag_version version)
{
	return version.major >= 1;
}

/* "BagIt-Version: 1.0" and the encoding, of bagit.txt. False if that is none, which is told. */
bool bag_declaration(struct reading *reading, int folder, struct bag_version *version,
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

/* bag_info.c: bag-info.txt, and bytes and files of the payload as it has them and as they are. */

struct oxum {
	uint64_t bytes, files;
};

bool oxum_of_payload(const char *folder, struct oxum *oxum);
void bag_check_info(struct reading *reading, int folder, const char *encoding);

/* What it holds, with the date and these counts instead of those before. To be freed. */
char *bag_info_text(const char *path, int folder, const struct oxum *oxum, size_t *length);

/* replace_file.c: whether a name in a folder is free, or that of a regular file. 0 or
   SSUM_ERR_NOT_REGULAR. */
int check_replaceable(int folder, const char *name);

/* replace_file.c: write a file in a folder, whole or not at all. 0, -errno, or as
   check_replaceable(). */
int replace_file(int folder, const char *name, const char *text, size_t length);

/* create_bagit.c */

int create_bagit(const struct run *run);

#endif
