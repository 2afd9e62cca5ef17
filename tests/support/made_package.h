/* SPDX-License-Identifier: MIT */
/*
 * A package that is generated from a program (support/fuzz.h): a directory, its manifests and their
 * checkpoints, and the model of them. After the end of the program, each choice is the most usual
 * one.
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
	AT_TOP,  /* in the package, with their usual names, which the library finds */
	NAMED,   /* in the package, given by path */
	OUTSIDE, /* in another directory */
	LIST,    /* only one, in the package, with a name that manifests do not usually have */
	PLACEMENTS
};

struct made_package {
	struct program program;
	char path[80];
	struct model model;
	size_t node_content[MODEL_NODES]; /* index of the content of each file except manifests */
	enum placement placement;
	struct text texts[MODEL_MANIFESTS];
	char manifest_paths[MODEL_MANIFESTS][128]; /* the paths that the library gets */
	struct ssum_digest manifest_digests[MODEL_MANIFESTS][CONTENT_ALGORITHMS];
	struct ssum_digest checkpoint_digests[MODEL_MANIFESTS][CONTENT_ALGORITHMS];
	bool checkpoints_fit; /* all checkpoints belong to the listed contents */
};

/* The generated package. */
extern struct made_package package;

/* Start a package. All functions here take their choices from this program. */
void package_begin(const uint8_t *data, size_t length);

/* Make the whole package. package_remove() removes it. */
void package_make(void);
void package_remove(void);

/* made_lines.c: make the text of a manifest that lists `node_count` nodes, and its rows in the
   model. */
void package_write_lines(size_t manifest, size_t node_count);

/* Change one of the files, or none. The manifests are unchanged. */
void package_replace_file(void);

/* The index of the content that a row lists, or CONTENTS if none. */
size_t package_content_of(const struct model_row *row);

#endif
