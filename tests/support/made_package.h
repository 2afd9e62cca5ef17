/* SPDX-License-Identifier: MIT */
/*
 * A package that is made from a program (support/fuzz.h): a directory, its manifests and their
 * checkpoints; and the model of it. Where the program ends, everything is as it should be.
 */
#ifndef SUPPORT_MADE_PACKAGE_H
#define SUPPORT_MADE_PACKAGE_H

#include "support/contents.h"
#include "support/fuzz.h"
#include "support/made_text.h"
#include "support/package_model.h"

/* Names of entries and of what manifests list. Some are below others, some look like manifests. */
#define ENTRY_NAMES 24
extern const char *const entry_names[ENTRY_NAMES];

/* Targets of symlinks. */
#define ENTRY_TARGETS 6
extern const char *const entry_targets[ENTRY_TARGETS];

/* Where the manifests are. */
enum placement {
	AT_TOP,  /* in the package, under their names; they are looked for */
	NAMED,   /* there as well; their paths are given */
	OUTSIDE, /* in another directory */
	LIST,    /* a single one, in the package, under a name that says nothing */
	PLACEMENTS
};

struct made_package {
	struct program program;
	char path[80];
	struct model model;
	size_t node_content[MODEL_NODES]; /* of files, unless they are manifests */
	enum placement placement;
	struct text texts[MODEL_MANIFESTS];
	char manifest_paths[MODEL_MANIFESTS][128]; /* as the library opens them */
	struct ssum_digest manifest_digests[MODEL_MANIFESTS][CONTENT_ALGORITHMS];
	struct ssum_digest checkpoint_digests[MODEL_MANIFESTS][CONTENT_ALGORITHMS];
	bool honest; /* all checkpoints are of what the manifests list */
};

/* There is one at a time. */
extern struct made_package package;

/* Begin with a program, which is read by all functions here. */
void package_begin(const uint8_t *data, size_t length);

/* Make all of it. package_remove() removes it. */
void package_make(void);
void package_remove(void);

/* made_lines.c: the text of a manifest, which lists so many nodes, and its rows in the model. */
void package_write_lines(size_t manifest, size_t node_count);

/* One of the files becomes another one, or none does. The manifests stay. */
void package_replace_file(void);

/* The content that a row lists, or CONTENTS. */
size_t package_content_of(const struct model_row *row);

#endif
