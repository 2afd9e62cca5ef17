/* SPDX-License-Identifier: MIT */
/*
 * sparsesum: directories, manifests, checkpoints; create, verify, compare and explain.
 */
#ifndef SPARSESUM_PACKAGE_H
#define SPARSESUM_PACKAGE_H

#include "../sparsesum.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Directories ------------------------------------------------------------------------- */

enum ssum_type {
	SSUM_TYPE_UNKNOWN,
	SSUM_TYPE_FILE,
	SSUM_TYPE_SYMLINK,
	SSUM_TYPE_DIRECTORY,
	SSUM_TYPE_FIFO,
	SSUM_TYPE_SOCKET,
	SSUM_TYPE_CHAR_DEVICE,
	SSUM_TYPE_BLOCK_DEVICE
};

/* "regular file", "symbolic link" ...: a type in words. Never NULL, valid for ever. */
SSUM_API const char *ssum_type_name(enum ssum_type type);

/* One thing below a directory. Valid until the next call on its tree. */
struct ssum_tree_entry {
	size_t size;
	const char *path;    /* below the directory, components parted by one '/' */
	enum ssum_type type; /* SSUM_TYPE_DIRECTORY: an empty one, or one that has an error */
	uint64_t length;     /* of a regular file, bytes */
	int error;           /* 0, or why this entry or directory could not be looked at */
};

struct ssum_tree;

/*
 * Decides whether an entry takes part in an operation. path is below the directory. Returns 1, or 0
 * to leave the entry out: it counts as neither there nor listed, and a directory is not read then.
 * A negative code ends the operation, which returns it.
 *
 * Directories are asked about before what is in them. For an entry that is there, type is what it
 * is; for an entry of a manifest, what the manifest says. So the function may be called twice for
 * one path, and must give the same answer.
 */
typedef int ssum_filter_fn(void *user, const char *path, enum ssum_type type);

/* A filter and its own context. All zero: everything takes part. */
struct ssum_filter {
	ssum_filter_fn *fn;
	void *user; /* the first argument of fn */
};

/*
 * Walk a directory: every file, symlink, special file and empty directory below it, in the order of
 * the bytes of their paths (an empty directory sorts as if it ended in '/'). Symlinks are not
 * followed and mount points not entered (SSUM_ERR_MOUNT_POINT in their entry). filter may be NULL:
 * everything. Uses three descriptors at most and memory for the names of the directories from the
 * top to the current one. Errors: -errno (-ENOENT, -ENOTDIR, -EACCES), -ENOMEM; *tree is NULL then.
 */
SSUM_API int ssum_tree_open(const char *directory, const struct ssum_filter *filter,
			    struct ssum_tree **tree);

/* The next entry: 1 with *entry set, 0 at the end, or a negative code, after which the walk is
   over (SSUM_ERR_CHANGED: a directory was moved away under the walk). */
SSUM_API int ssum_tree_next(struct ssum_tree *tree, const struct ssum_tree_entry **entry);

/* Free a tree in any state. NULL is allowed. */
SSUM_API void ssum_tree_close(struct ssum_tree *tree);

/* ---- Manifests --------------------------------------------------------------------------- */

/* What a line of a manifest says. Comments and empty lines are not handed out. */
enum ssum_line_kind {
	SSUM_LINE_FILE,       /* a name and its digest */
	SSUM_LINE_SYMLINK,    /* "# symlink", a name and its target; a comment to sha1sum */
	SSUM_LINE_DIRECTORY,  /* "# folder", the name of an empty directory; a comment to sha1sum */
	SSUM_LINE_MALFORMED,  /* none of these; name is NULL */
	SSUM_LINE_BAD_COMMENT /* begins as one of the two comments, but is none; name is NULL */
};

struct ssum_line {
	size_t size;
	enum ssum_line_kind kind;
	uint64_t number;           /* of the line, from 1 */
	const char *name;          /* unescaped, otherwise as it stands */
	const char *target;        /* of a symbolic link, else NULL */
	struct ssum_digest digest; /* of a file */
};

struct ssum_manifest;

/*
 * Read a manifest line by line, as sha1sum --check reads it: plain, tagged and escaped lines,
 * CR LF, and the reversed form "digest name" where the first line has it. Reads from fd, which
 * stays the caller's, from where it stands. A line above 1 MiB is malformed.
 * Errors: SSUM_ERR_ALGORITHM, -ENOMEM; *manifest is NULL then.
 */
SSUM_API int ssum_manifest_open(int fd, const char *algorithm, struct ssum_manifest **manifest);

/* The next line: 1 with *line set, valid until the next call; 0 at the end; or -errno of read. */
SSUM_API int ssum_manifest_next(struct ssum_manifest *manifest, const struct ssum_line **line);

/*
 * 1 if the next line can be read without waiting for somebody who writes it, into a pipe, FIFO,
 * socket or terminal; 0 if ssum_manifest_next() would wait. A line of which only the begin is there
 * counts as one that can be read.
 */
SSUM_API int ssum_manifest_ready(const struct ssum_manifest *manifest);

/* Free a manifest in any state. NULL is allowed. */
SSUM_API void ssum_manifest_close(struct ssum_manifest *manifest);

/* How a line is written: see sha1sum(1). Combined with |. */
#define SSUM_FORMAT_BINARY 1u /* '*' before the name instead of a blank */
#define SSUM_FORMAT_TAGGED 2u /* "SHA1 (name) = digest" */
#define SSUM_FORMAT_ZERO 4u   /* ends in NUL instead of a newline, nothing escaped */

/*
 * Format a line exactly as sha1sum prints it, with its end. On success *text is the caller's, to
 * be freed with free(), and *length its length without the further NUL that stands after it.
 * Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_OPTIONS (an unknown flag), -ENOMEM; *text is NULL then.
 */
SSUM_API int ssum_format_line(unsigned flags, const char *algorithm,
			      const struct ssum_digest *digest, const char *name, char **text,
			      size_t *length);

/* ---- Checkpoints ------------------------------------------------------------------------- */

/*
 * A checkpoint is the intermediate hash value H(i) of FIPS 180-4 behind a number of bytes. With
 * checkpoints at every interval a file falls into segments that are hashed side by side and in any
 * order: each has to lead from one value to the next, the last one to the digest. When all do, then
 * by induction that is the digest of the whole. So checkpoints need not be trusted: wrong ones cost
 * time, and never change a verdict. The algorithms are the library's own: sha1 to sha512.
 */
struct ssum_checkpoints;

/* Bytes from one checkpoint to the next where nothing else is asked for; and none at all. */
#define SSUM_CHECKPOINT_INTERVAL ((uint64_t)16 << 20)
#define SSUM_NO_CHECKPOINTS UINT64_MAX

/* What checkpoints are of. The strings live as long as the object. */
struct ssum_checkpoints_info {
	size_t size;               /* sizeof(struct ssum_checkpoints_info), set by the caller */
	const char *name;          /* as it is listed, or NULL */
	const char *algorithm;     /* "sha1" */
	uint64_t length;           /* of the content, bytes */
	uint64_t interval;         /* bytes, a multiple of 4096 */
	uint64_t count;            /* of checkpoints: (length - 1) / interval */
	struct ssum_digest digest; /* of the content */
};

/*
 * Hash a file and keep its checkpoints. interval is a multiple of 4096, or 0 for the default; it is
 * doubled until no more than 65,536 checkpoints are needed. On success *checkpoints is the
 * caller's, to be freed; its name is the last component of the path.
 * Errors: as ssum_hash_file(), SSUM_ERR_NO_CHECKPOINT, SSUM_ERR_OPTIONS (the interval);
 * *checkpoints is NULL then.
 */
SSUM_API int ssum_checkpoints_make(struct ssum_context *context, const char *path,
				   const char *algorithm, uint64_t interval,
				   struct ssum_checkpoints **checkpoints);

/*
 * Read the checkpoints of one file from a file of checkpoints: those of that name, or with name
 * NULL the first. Reads from fd, which stays the caller's, from where it stands; memory is bounded
 * by what one file may have, 4 MiB. On success *checkpoints is the caller's, to be freed.
 * Errors: SSUM_ERR_NO_CHECKPOINT (none of that name), SSUM_ERR_MALFORMED, SSUM_ERR_ALGORITHM,
 * -errno of read, -ENOMEM; *checkpoints is NULL then.
 */
SSUM_API int ssum_checkpoints_read(int fd, const char *name, struct ssum_checkpoints **checkpoints);

/* Write a file of checkpoints with these alone in it: beside its final name, flushed, renamed. They
   need a name. Errors: SSUM_ERR_NAME, -errno, -ENOMEM; nothing has changed then. */
SSUM_API int ssum_checkpoints_write(const struct ssum_checkpoints *checkpoints, const char *path);

/* What they are of. Errors: SSUM_ERR_OPTIONS. */
SSUM_API int ssum_checkpoints_describe(const struct ssum_checkpoints *checkpoints,
				       struct ssum_checkpoints_info *info);

/* The value behind index * interval bytes; index is 1 to count. Errors: SSUM_ERR_NO_CHECKPOINT. */
SSUM_API int ssum_checkpoints_value(const struct ssum_checkpoints *checkpoints, uint64_t index,
				    struct ssum_digest *value);

/* Free checkpoints. NULL is allowed. */
SSUM_API void ssum_checkpoints_free(struct ssum_checkpoints *checkpoints);

/*
 * Verify a file against a digest that can be trusted, with the help of checkpoints that need not
 * be: NULL for none. Those of another algorithm or digest are left aside. Where the file differs
 * and there are checkpoints, damaged (or NULL) is told each range of bytes that has to be fetched
 * again, in order, also bytes that the file lacks at its end.
 *
 * Returns SSUM_HOLDS, SSUM_DIFFERS, an error as ssum_hash_file(), or SSUM_ERR_OPTIONS for a digest
 * of another length.
 */
SSUM_API int ssum_verify_file(struct ssum_context *context, const char *path, const char *algorithm,
			      const struct ssum_digest *digest,
			      const struct ssum_checkpoints *checkpoints, ssum_range_fn *damaged,
			      void *user);

/* ---- Explanations ------------------------------------------------------------------------ */

/*
 * Why a digest is not that of a file. Each cause is proven but two: the digest is, by computation,
 * that of the content that the cause speaks of, and no two contents share one by accident.
 * SSUM_CAUSE_UNFINISHED and SSUM_CAUSE_DAMAGED rest on what checkpoints say.
 *
 * The members offset and count of an explanation are bytes of what stands in brackets.
 */
enum ssum_cause {
	/* None of those that were tested fits. */
	SSUM_CAUSE_UNKNOWN,
	/* The digest is the file's own. */
	SSUM_CAUSE_MATCHES,
	/* It is the file's own, written in another way, as detail says: "in base64". */
	SSUM_CAUSE_SPELLING,
	/* It is the file's own with its bytes in reverse order: all, or in each word of four. */
	SSUM_CAUSE_BYTE_ORDER,
	/* It is the file's own by another algorithm, the one in algorithm. */
	SSUM_CAUSE_ALGORITHM,
	/* It is of no content at all. */
	SSUM_CAUSE_EMPTY,
	/* It is of the manifest itself. Tested by ssum_verify() alone. */
	SSUM_CAUSE_MANIFEST,
	/* What is here is what the manifest lists under the name in detail. Tested by ssum_verify()
	   alone. */
	SSUM_CAUSE_OTHER_ENTRY,
	/* It is of the content up to the hole at its end. [where that begins; its length] */
	SSUM_CAUSE_TRAILING_HOLE,
	/* It is of the allocated data alone, extent by extent, as detail says; the content is
	   intact. [the first hole that was left out; bytes that were left out in all] */
	SSUM_CAUSE_ALLOCATED,
	/* It is of the content without zeros at its end. [where they begin; how many] */
	SSUM_CAUSE_ZEROS_DROPPED,
	/* It is of the content without its blocks of zeros, which is what a copy that has holes
	   there comes to if only its allocated data are hashed; the content is intact. detail says
	   how large the blocks are. [0; bytes that were left out in all] */
	SSUM_CAUSE_ZERO_BLOCKS,
	/* It is of the content with zeros behind it. [the file's length; how many] */
	SSUM_CAUSE_PADDED,
	/* It is of as many zeros as the file has bytes. */
	SSUM_CAUSE_ALL_ZEROS,
	/* It is of the content with other line endings, as detail says. */
	SSUM_CAUSE_LINE_ENDINGS,
	/* It is of the content with a byte order mark (UTF-8) before it, or without the one that it
	   has, as detail says. */
	SSUM_CAUSE_BYTE_ORDER_MARK,
	/* It is of the first bytes of the content. [how many; bytes behind them, not all zeros] */
	SSUM_CAUSE_CUT,
	/* By the checkpoints, the file is only the first bytes of what it should be; it ends there,
	   or zeros follow. [how many are certain; how many are to be fetched] */
	SSUM_CAUSE_UNFINISHED,
	/* By the checkpoints, parts of the file are damaged. [the first one] */
	SSUM_CAUSE_DAMAGED,
	/* What is here is what another manifest lists, the one in detail: they contradict each
	   other. Tested by ssum_verify() alone, where there are several. */
	SSUM_CAUSE_CONTRADICTED
};

#define SSUM_CAUSE_COUNT 20

/* "unknown", "matches", "spelling", "byte order", "algorithm", "empty", "manifest", "other entry",
   "trailing hole", "allocated", "zeros dropped", "zero blocks", "padded", "all zeros", "line
   endings", "byte order mark", "cut", "unfinished", "damaged", "contradicted". Never NULL, valid
   for ever. */
SSUM_API const char *ssum_cause_name(enum ssum_cause cause);

struct ssum_explanation {
	size_t size;           /* set by the caller of ssum_explain_file() */
	enum ssum_cause cause; /* the first that fits, in the order of the enumeration */
	/* 1: the content is as it should be, only the digest is of something else. 0: it is not.
	   -1: that cannot be told. */
	int intact;
	uint64_t tested; /* a bit 1 << cause for each that was tested, */
	uint64_t fits;   /* and that fits */
	uint64_t length; /* of the file, bytes */
	uint64_t offset; /* as the cause says; else 0 */
	uint64_t count;
	char algorithm[32];          /* by which the digest is what the cause says */
	struct ssum_digest expected; /* the digest that was given, as bytes */
	struct ssum_digest found;    /* the file's own, by the algorithm that was asked for; empty
					where ssum_verify() needed checkpoints alone to tell */
	char detail[256];            /* as the cause says; else "" */
};

/*
 * Find out why a digest is not that of a file, in one reading of it. The digest may be written in
 * other ways than hexadecimal; finding that out is part of it. algorithm NULL is the library's own
 * with digests that long, and where it has none, one of libcrypto's; so is one whose digests are of
 * another length. checkpoints may be NULL; those of another digest are left aside.
 *
 * The allocated data are as the file system gives them. Where the context's holes policy does not
 * let it be asked, SSUM_CAUSE_ALLOCATED and SSUM_CAUSE_TRAILING_HOLE are not tested.
 *
 * Returns SSUM_HOLDS if the digest is the file's own, be it in another spelling, SSUM_DIFFERS if it
 * is not, whether or not a cause was found, or an error as ssum_hash_file(); SSUM_ERR_MALFORMED for
 * a text that is no digest of any algorithm. With an error the explanation is left alone.
 */
SSUM_API int ssum_explain_file(struct ssum_context *context, const char *path,
			       const char *algorithm, const char *digest,
			       const struct ssum_checkpoints *checkpoints,
			       struct ssum_explanation *explanation);

/* ---- Packages ---------------------------------------------------------------------------- */

/*
 * A package is a directory with one or more manifests at its top: SHA1SUMS, SHA256SUMS ... Each
 * lists every regular file below the directory, and in comment lines every symbolic link and empty
 * directory. The digest of a manifest, by its own algorithm, is the package's content hash: one
 * value that stands for all of it.
 *
 * Nothing outside the directory is ever opened: names are checked, then resolved beneath the
 * directory without following links. Special files are never opened. Nothing is changed but the
 * manifests that ssum_create() writes.
 */

/* What a report is about. */
enum ssum_report_kind {
	SSUM_REPORT_ENTRY,      /* an entry of the directory or of a manifest */
	SSUM_REPORT_MANIFEST,   /* a manifest: its content hash */
	SSUM_REPORT_LINE,       /* a line of a manifest that is not acceptable */
	SSUM_REPORT_CHECKPOINTS /* checkpoints that are not used; this changes no verdict */
};

/* One side of a report: what is listed, or what is there. */
struct ssum_report_side {
	enum ssum_type type;              /* UNKNOWN: nothing is listed, or there */
	uint64_t length;                  /* of a regular file, bytes; 0: not known */
	const struct ssum_digest *digest; /* of a regular file; NULL: not known */
	const char *target;               /* of a symlink; NULL: not known */
};

/*
 * One report; valid only in the callback. Members that do not apply are 0:
 *
 *                 ENTRY       MANIFEST   LINE       CHECKPOINTS
 *   verdict       all         HOLDS,     BAD_LINE   BAD_LINE
 *                             DIFFERS
 *   error         x                      x          x
 *   path          x           x          x          of their file, or of the entry
 *   manifest      x                      x          of their file
 *   line          x                      x          x
 *   algorithm     x           x
 *   expected      x           digest
 *   found         x           digest
 *   all others    x
 */
struct ssum_report {
	size_t size;
	enum ssum_report_kind kind;
	enum ssum_verdict verdict;
	int error;             /* the code for UNREADABLE, CHANGED, FALSE_HOLE and BAD_LINE */
	const char *path;      /* below the directory; of a manifest as it was opened */
	const char *manifest;  /* the manifest that decided, or that lacks the entry */
	uint64_t line;         /* the line in it */
	const char *algorithm; /* of the digests below */
	/* What is listed; in a comparison what is in the first directory. The length may also be
	   known from checkpoints, or from the file that a missing one was moved to. */
	struct ssum_report_side expected;
	/* What is there. The digest is NULL if the verdict did not need it; the length does not
	   count with UNREADABLE. */
	struct ssum_report_side found;
	uint64_t offset;                  /* of the first difference, in a comparison */
	const struct ssum_range *damaged; /* of a file with checkpoints: bytes to fetch again */
	size_t damaged_count;
	const struct ssum_explanation *explanation; /* why a file differs, or NULL */
	/* Of a missing file: where its content is, not listed. Of an extra file: the path of the
	   missing file that it is. Else NULL. */
	const char *moved;
	int lists_itself; /* 1: a line of a manifest for that manifest, which never holds */
};

/* Receives each report, in the order of ssum_tree, except where a function says otherwise. A return
   value other than 0 ends the operation with SSUM_ERR_CANCELLED. */
typedef int ssum_report_fn(void *user, const struct ssum_report *report);

/* Totals; filled also when the operation fails. The caller sets size. */
struct ssum_summary {
	size_t size;
	uint64_t entries;                   /* reported, without manifests */
	uint64_t bytes;                     /* hashed or compared, holes included */
	uint64_t count[SSUM_VERDICT_COUNT]; /* of entries, by verdict */
	uint64_t resumed;                   /* of bytes: those taken over from a journal */
	int journal_taken; /* 1: nothing was kept, since another operation keeps that journal */
};

struct ssum_create_options {
	size_t size;                   /* sizeof(struct ssum_create_options) */
	const char *const *algorithms; /* names, then NULL; each gets its manifest; NULL: sha1 */
	const char *manifest;          /* where to write instead; with one algorithm only */
	ssum_report_fn *report;        /* or NULL */
	void *user;                    /* the first argument of report */
	/* The interval, as for ssum_checkpoints_make(), or SSUM_NO_CHECKPOINTS. */
	uint64_t checkpoints;
	const char *journal;       /* where to keep what is done, as below; or NULL */
	int resume;                /* 1: go on with what an interrupted run has kept there */
	struct ssum_filter filter; /* what is listed; all zero: everything */
};

/*
 * Write the manifests of a directory, and beside each, for the files that are longer than the
 * interval, a file of checkpoints. Every file is read once, whatever the number of algorithms. Each
 * manifest is written beside its final name, flushed to disk and renamed, and only when all entries
 * could be listed: at any moment the old one or the new one is there, whole. Where there are no
 * checkpoints to write, those that belong to the manifest before are removed. Manifests at the top
 * of the directory are not listed. The last reports are of the manifests, with their content
 * hashes: SSUM_REPORT_MANIFEST.
 *
 * With a journal, an operation that was interrupted, by ssum_cancel() or by the end of the process
 * or of the machine, can be gone on with: about once a second it is brought up to date on the disk,
 * and when the operation ends in any other way it is removed. What it holds of a file is used if
 * the file's size, modification and change time, inode and device are those from before; that is
 * what it trusts, and that nobody but the user can write to it. It has to be a path of its own,
 * outside the directory. One that is of other work, or damaged, is not used as far as it is. It is
 * made when there is something to be kept, with the directories that its path needs, for this user
 * alone; and it is locked (flock) from then on: an operation that finds it locked keeps nothing.
 *
 * Returns 0, or SSUM_ERR_UNDECIDED when an entry was refused (a FIFO, socket, device or mount
 * point, or what could not be read; each is reported), SSUM_ERR_EMPTY, SSUM_ERR_ALGORITHM,
 * SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, SSUM_ERR_NOT_REGULAR if a device or the like has the name
 * of a manifest, or -errno of what was written. With an error no manifest is written or replaced;
 * only where the renaming of one of several fails are the ones before it in place, and where the
 * flushing of the directory fails after a renaming, that one too. options and summary may be NULL.
 */
SSUM_API int ssum_create(struct ssum_context *context, const char *directory,
			 const struct ssum_create_options *options, struct ssum_summary *summary);

/* ---- Listings ---------------------------------------------------------------------------- */

/*
 * What a directory should hold, as the caller has it from wherever: ssum_verify() judges by it as
 * it does by manifests. Entries stand in any order.
 */
struct ssum_listing;

#define SSUM_LENGTH_UNKNOWN UINT64_MAX

/* One thing that is listed. Everything that is known of it has to hold. */
struct ssum_listed_entry {
	size_t size;         /* sizeof(struct ssum_listed_entry) */
	const char *name;    /* below the directory; a leading "./" is dropped */
	enum ssum_type type; /* SSUM_TYPE_FILE, SSUM_TYPE_SYMLINK or SSUM_TYPE_DIRECTORY */
	const char *target;  /* of a symbolic link; NULL: not known */
	/* Of a file; NULL: not known. A file without any digest is not read. */
	const struct ssum_digest *digest;
	const char *algorithm; /* of the digest; NULL: sha1 */
	uint64_t length;       /* of a file, bytes, or SSUM_LENGTH_UNKNOWN */
	const char *source;    /* where it is listed, for reports: the path of a manifest */
	uint64_t line;         /* and the line there, from 1; 0: not known */
};

/* Make an empty listing. On success *listing is the caller's, to be freed. Errors: -ENOMEM;
 *listing is NULL then. */
SSUM_API int ssum_listing_new(struct ssum_listing **listing);

/*
 * Add an entry; all of it is copied. Further digests of a file are further calls with the same
 * source and line. Else a name stands once in a source: of two, ssum_verify() reports the second
 * one as SSUM_REPORT_LINE with SSUM_ERR_DUPLICATE. In different sources it may stand; then all of
 * them have to hold.
 *
 * Errors: SSUM_ERR_NAME, SSUM_ERR_ALGORITHM, SSUM_ERR_MALFORMED (a digest of another length than
 * the algorithm's), SSUM_ERR_OPTIONS (no name, no source, another type), -ENOMEM; nothing was added
 * then.
 */
SSUM_API int ssum_listing_add(struct ssum_listing *listing, const struct ssum_listed_entry *entry);

/* For ssum_listing_cover(): directories that hold nothing have to be listed too. */
#define SSUM_COVER_EMPTY_DIRECTORIES 1u

/*
 * Say what a source has to list: everything below a directory ("": everything at all). What is
 * there and missing in it is SSUM_EXTRA. Source NULL is all of them together. What is covered by
 * none, and not listed, takes no part. A listing of which nothing is said has to list everything,
 * empty directories too.
 *
 * Errors: SSUM_ERR_NAME (of the directory), SSUM_ERR_OPTIONS (an unknown flag), -ENOMEM.
 */
SSUM_API int ssum_listing_cover(struct ssum_listing *listing, const char *source,
				const char *directory, unsigned flags);

/* Free a listing; no operation may be using it. NULL is allowed. */
SSUM_API void ssum_listing_free(struct ssum_listing *listing);

struct ssum_verify_options {
	size_t size;                  /* sizeof(struct ssum_verify_options) */
	const char *const *manifests; /* paths, then NULL; NULL: all at the top of the directory */
	const char *algorithm;        /* of those manifests; NULL: by their names, else contents */
	/* Or NULL: what the content hash must be, of each manifest whose digests are that long;
	   if there is none, SSUM_ERR_OPTIONS. */
	const struct ssum_digest *content_hash;
	int allow_extra;        /* 1: entries that are not listed are only reported */
	ssum_report_fn *report; /* or NULL */
	void *user;             /* the first argument of report */
	int no_checkpoints;     /* 1: read every file in one chain, as if there were none */
	const char *journal;    /* where to keep what is done, as for ssum_create(); or NULL */
	int resume;             /* 1: go on with what an interrupted run has kept there */
	/* How many of the files that differ are explained, the first ones: each is read once more
	   for that. 0: none; UINT64_MAX: all. */
	uint64_t explain;
	/* What is judged; all zero: everything. What is left out counts as neither there nor
	   listed. */
	struct ssum_filter filter;
	/* Or NULL: what is listed, instead of manifests. Those that are named above are the files
	   that it was read from then: they are not read, and no entries unless it lists them. There
	   is no content hash, and there are no checkpoints. */
	const struct ssum_listing *listing;
};

/*
 * Verify a directory against its manifests, with the help of the checkpoints beside them. Every
 * manifest must hold, every entry must be listed in each of them, and every digest must match. The
 * first reports are of lines that are not acceptable (SSUM_REPORT_LINE), then of each manifest with
 * its content hash (SSUM_REPORT_MANIFEST), then of every entry. Checkpoints that cannot be read, or
 * turn out to be wrong, are reported in between (SSUM_REPORT_CHECKPOINTS); that changes no verdict
 * and counts in no total. An explanation changes no verdict either; it is missing if the file could
 * not be read once more.
 *
 * Missing and extra regular files are reported after all other entries, in their order. If there
 * are both, the extra files are hashed first, to find missing files whose content is there under
 * another name: see moved. Each is matched with one file at most, by all digests that are listed
 * for it; among files with the same content by the likeness of their names, then in order. Empty
 * files are matched only if their names are alike. At most 4,096 files of each kind take part; the
 * others are reported in their places. None of this changes a verdict, and an extra file that
 * cannot be read for it is not reported as unreadable.
 *
 * Returns SSUM_HOLDS; SSUM_DIFFERS when anything is proven to differ, be missing or extra; else, if
 * anything could not be decided, SSUM_ERR_UNDECIDED; or SSUM_ERR_NO_MANIFEST, SSUM_ERR_EMPTY,
 * SSUM_ERR_ALGORITHM, SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, -errno of the directory or of a
 * manifest, -ENOMEM. Memory is bounded by the size of the manifests. options and summary may be
 * NULL.
 */
SSUM_API int ssum_verify(struct ssum_context *context, const char *directory,
			 const struct ssum_verify_options *options, struct ssum_summary *summary);

/* ---- Comparison -------------------------------------------------------------------------- */

/* The outcome for two files. The caller sets size. */
struct ssum_comparison {
	size_t size;
	uint64_t length[2]; /* bytes of each */
	uint64_t offset; /* of the first difference; the shorter length if one begins the other */
	/* With SSUM_HOLDS, how each is stored: its bytes that are data, the other ones being holes.
	   It is a fact about storage, as of ssum_map_file(). */
	uint64_t data[2];
	int maps_known; /* 1: data is known of both; else what nobody was asked about counts as data
			 */
};

/*
 * Compare two files byte by byte, by logical content. What is a hole in both is not looked at;
 * what is a hole in one is read in the other only. Long files are compared on all threads of the
 * context, and no further than to the first difference. comparison may be NULL, and is filled with
 * SSUM_HOLDS and SSUM_DIFFERS. Errors: as ssum_hash_file().
 */
SSUM_API int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
				struct ssum_comparison *comparison);

/*
 * The same, and tell range every range of bytes that differs, in order; with range NULL none. A
 * range begins and ends with a byte that differs. Differences with fewer than 4096 equal bytes
 * between them are one range. The bytes that only the longer file has differ too.
 *
 * Each range is told once, after the bytes in it were read and the files found unchanged. The
 * first 65,536 ranges are held until then, so files that change meanwhile are read again. When
 * there are more, those are told while the rest is still compared, and a change from then on is
 * SSUM_ERR_CHANGED at once. With an error the ranges told so far are not all there are, and may be
 * of a content that is gone. Memory is bounded, whatever the size and number of the ranges.
 */
SSUM_API int ssum_compare_ranges(struct ssum_context *context, const char *a, const char *b,
				 ssum_range_fn *range, void *user,
				 struct ssum_comparison *comparison);

struct ssum_compare_options {
	size_t size;               /* sizeof(struct ssum_compare_options) */
	ssum_report_fn *report;    /* or NULL */
	void *user;                /* the first argument of report */
	struct ssum_filter filter; /* what is compared; all zero: everything */
};

/*
 * Compare two directories entry by entry, b against a: SSUM_MISSING is in a alone, SSUM_EXTRA in b
 * alone; in reports expected is what is in a, and found what is in b. Long files are compared as by
 * ssum_compare_files(). Returns as ssum_verify(). options and summary may be NULL.
 */
SSUM_API int ssum_compare_directories(struct ssum_context *context, const char *a, const char *b,
				      const struct ssum_compare_options *options,
				      struct ssum_summary *summary);

/* ---- Files of the caller ----------------------------------------------------------------- */

/*
 * Write a file with this content, in place of what had its name before. The library writes its own
 * files (manifests, checkpoints, saved states) in this way. The content is written under a
 * temporary name in the same directory, flushed to the disk, and renamed; then the directory is
 * flushed. At any time the name is that of the old file or of the complete new one. The path is
 * relative to the descriptor `directory`, as in openat(2): AT_FDCWD is the current directory. A new
 * file has the mode 0666 minus the umask; owner and mode of the old one are not kept. A symlink to
 * a regular file is replaced, not followed.
 * Errors: -EISDIR (a directory, or a trailing slash), SSUM_ERR_NOT_REGULAR (a device, FIFO or
 * socket, or a symlink to one), -errno (also of the directory: -ENOENT, -EACCES), -ENOMEM. The old
 * file is unchanged then. Only if the last step failed, to flush the directory, the new one is
 * there.
 */
SSUM_API int ssum_replace_file(int directory, const char *path, const void *data, size_t length);

#ifdef __cplusplus
}
#endif

#endif
