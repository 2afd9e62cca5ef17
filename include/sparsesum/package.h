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

/* A type in words: "regular file", "symlink" ... Never NULL; a static string. */
SSUM_API const char *ssum_type_name(enum ssum_type type);

/* An entry of a directory tree. Valid until the next call on its tree. */
struct ssum_tree_entry {
	size_t size;
	const char *path;    /* relative to the directory, components separated by one '/' */
	enum ssum_type type; /* SSUM_TYPE_DIRECTORY: the directory is empty, or has an error */
	uint64_t length;     /* of a regular file, bytes */
	int error;           /* 0, or why the entry could not be examined or the directory read */
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
 * Walk a directory. The entries are all files, symlinks, special files and empty directories below
 * it, in the order of the bytes of their paths; a directory sorts as if its path ended in '/'.
 * Symlinks are not followed, and mount points are not entered: their entries have the error
 * SSUM_ERR_MOUNT_POINT. filter may be NULL. On success *tree is owned by the caller, who calls
 * ssum_tree_close(). A tree uses at most three descriptors, and memory for the names in the
 * directories from the top to the current one. One thread at a time may use it.
 * Errors: -errno of the directory (-ENOENT, -ENOTDIR, -EACCES ...), -ENOMEM; *tree is NULL then.
 */
SSUM_API int ssum_tree_open(const char *directory, const struct ssum_filter *filter,
			    struct ssum_tree **tree);

/*
 * Get the next entry. Returns 1 and sets *entry, or 0 at the end.
 * Errors: SSUM_ERR_CHANGED (a directory was moved during the walk), -errno, -ENOMEM, or the code of
 * the filter. The walk cannot continue after an error; errors of single entries are in the entries.
 */
SSUM_API int ssum_tree_next(struct ssum_tree *tree, const struct ssum_tree_entry **entry);

/* Free a tree, at any point of the walk. NULL is allowed. */
SSUM_API void ssum_tree_close(struct ssum_tree *tree);

/* ---- Manifests --------------------------------------------------------------------------- */

/* The kinds of lines of a manifest. Empty lines and other comments are skipped. */
enum ssum_line_kind {
	SSUM_LINE_FILE,       /* a name and its digest */
	SSUM_LINE_SYMLINK,    /* "# symlink", a name and its target; a comment to sha1sum */
	SSUM_LINE_DIRECTORY,  /* "# folder", the name of an empty directory; a comment to sha1sum */
	SSUM_LINE_MALFORMED,  /* none of these; name is NULL */
	SSUM_LINE_BAD_COMMENT /* a malformed "# symlink" or "# folder" line; name is NULL */
};

struct ssum_line {
	size_t size;
	enum ssum_line_kind kind;
	uint64_t number;           /* of the line, from 1 */
	const char *name;          /* unescaped, otherwise as in the manifest */
	const char *target;        /* of a symlink, else NULL */
	struct ssum_digest digest; /* of a file, else empty */
};

struct ssum_manifest;

/*
 * Read a manifest in the format of sha1sum, from the current position of fd. Accepts what sha1sum
 * --check accepts: untagged, tagged ("SHA1 (name) = digest") and escaped lines, CR LF, and lines
 * with only one blank before the name, if the first untagged line is such a line. A line of more
 * than 1 MiB is malformed. algorithm NULL is sha1. On success *manifest is owned by the caller, who
 * calls ssum_manifest_close(), and closes fd after that.
 * Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO, -ENOMEM; *manifest is NULL then.
 */
SSUM_API int ssum_manifest_open(int fd, const char *algorithm, struct ssum_manifest **manifest);

/*
 * Get the next line. Returns 1 and sets *line, which is valid until the next call, or 0 at the end.
 * A malformed line is no error. Errors: -errno of read, SSUM_ERR_CRYPTO, -ENOMEM; *line is NULL
 * then, and at the end.
 */
SSUM_API int ssum_manifest_next(struct ssum_manifest *manifest, const struct ssum_line **line);

/*
 * Whether ssum_manifest_next() can read without waiting for a pipe, FIFO, socket or terminal: 1, or
 * 0 if it would wait. If only the first part of a line has arrived, the result is 1 all the same.
 */
SSUM_API int ssum_manifest_ready(const struct ssum_manifest *manifest);

/* Free a manifest, at any point. Does not close its descriptor. NULL is allowed. */
SSUM_API void ssum_manifest_close(struct ssum_manifest *manifest);

/* The form of a line, as in sha1sum(1). Combined with |. */
#define SSUM_FORMAT_BINARY 1u /* '*' before the name instead of a blank */
#define SSUM_FORMAT_TAGGED 2u /* "SHA1 (name) = digest" */
#define SSUM_FORMAT_ZERO 4u   /* ends with NUL instead of a newline; the name is not escaped */

/*
 * Format a line exactly as sha1sum prints it, including its end. On success *text must be freed by
 * the caller with free(). *length counts the bytes of the line; one more NUL follows it.
 * Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO, SSUM_ERR_OPTIONS (an unknown flag),
 * -ENOMEM; *text is NULL then.
 */
SSUM_API int ssum_format_line(unsigned flags, const char *algorithm,
			      const struct ssum_digest *digest, const char *name, char **text,
			      size_t *length);

/* ---- Checkpoints ------------------------------------------------------------------------- */

/*
 * A checkpoint is the intermediate hash value H(i) of FIPS 180-4 after a number of bytes.
 * Checkpoints at the multiples of an interval divide a file into segments, which can be verified in
 * parallel and in any order: each segment must lead from one value to the next, and the last one to
 * the digest. If all do, then by induction the digest is that of the whole file. So checkpoints
 * need not be trusted: wrong ones cost time, but never change a verdict. Only sha1, sha224, sha256,
 * sha384 and sha512 have checkpoints.
 */
struct ssum_checkpoints;

/* The default interval, in bytes; and the value for "no checkpoints". */
#define SSUM_CHECKPOINT_INTERVAL ((uint64_t)16 << 20)
#define SSUM_NO_CHECKPOINTS UINT64_MAX

/* What checkpoints belong to. The strings are owned by the checkpoints. */
struct ssum_checkpoints_info {
	size_t size;               /* sizeof(struct ssum_checkpoints_info), set by the caller */
	const char *name;          /* of the file, as in a manifest; or NULL */
	const char *algorithm;     /* "sha1" ... */
	uint64_t length;           /* of the content, bytes */
	uint64_t interval;         /* bytes, a multiple of 4096 */
	uint64_t count;            /* of checkpoints: (length - 1) / interval, or 0 */
	struct ssum_digest digest; /* of the content */
};

/*
 * Hash a file and keep its checkpoints. The interval is a multiple of 4096, or 0 for the default;
 * it is doubled until at most 65,536 checkpoints are needed. On success *checkpoints is owned by
 * the caller, who calls ssum_checkpoints_free(); its name is the last component of the path.
 * Errors: as ssum_hash_file(), SSUM_ERR_NO_CHECKPOINT (the algorithm has none), SSUM_ERR_OPTIONS
 * (the interval); *checkpoints is NULL then.
 */
SSUM_API int ssum_checkpoints_make(struct ssum_context *context, const char *path,
				   const char *algorithm, uint64_t interval,
				   struct ssum_checkpoints **checkpoints);

/*
 * Read the checkpoints with a name, or with name NULL the first ones, from a file of checkpoints:
 * from the current position of fd, which is not closed. Uses memory for the checkpoints of one
 * file, at most 4 MiB. On success *checkpoints is owned by the caller, who calls
 * ssum_checkpoints_free(). Errors: SSUM_ERR_NO_CHECKPOINT (none with that name),
 * SSUM_ERR_MALFORMED, SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, -errno of read, -ENOMEM; *checkpoints is
 * NULL then.
 */
SSUM_API int ssum_checkpoints_read(int fd, const char *name, struct ssum_checkpoints **checkpoints);

/*
 * Write a file that contains only these checkpoints, which must have a name. The file is written
 * under a temporary name, flushed to disk and renamed; it replaces an existing file.
 * Errors: SSUM_ERR_NAME (no name), SSUM_ERR_NOT_REGULAR (the path is a device or the like), -errno,
 * -ENOMEM; nothing has changed then, unless only the flush after the renaming failed.
 */
SSUM_API int ssum_checkpoints_write(const struct ssum_checkpoints *checkpoints, const char *path);

/* Describe checkpoints. Errors: SSUM_ERR_OPTIONS (info->size). */
SSUM_API int ssum_checkpoints_describe(const struct ssum_checkpoints *checkpoints,
				       struct ssum_checkpoints_info *info);

/* The value after index * interval bytes; index is 1 to count. Errors: SSUM_ERR_NO_CHECKPOINT; the
   length of *value is 0 then. */
SSUM_API int ssum_checkpoints_value(const struct ssum_checkpoints *checkpoints, uint64_t index,
				    struct ssum_digest *value);

/* Free checkpoints. NULL is allowed. */
SSUM_API void ssum_checkpoints_free(struct ssum_checkpoints *checkpoints);

/*
 * Verify a file against a trusted digest. The checkpoints need not be trusted, and may be NULL; if
 * they belong to another algorithm or digest, they are not used. If the file differs and there are
 * checkpoints, damaged is called for each range of bytes that must be fetched again, in order,
 * including bytes missing at the end of the file; damaged may be NULL.
 * Returns SSUM_HOLDS or SSUM_DIFFERS. Errors: as ssum_hash_file(), and SSUM_ERR_OPTIONS (the digest
 * has another length than the algorithm's).
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
	const char *const *algorithms; /* names, then NULL; one manifest for each; NULL: sha1 */
	const char *manifest;          /* another path for the manifest; with one algorithm only */
	ssum_report_fn *report;        /* or NULL */
	void *user;                    /* the first argument of report */
	/* The interval, as for ssum_checkpoints_make(), or SSUM_NO_CHECKPOINTS. */
	uint64_t checkpoints;
	const char *journal;       /* path of the journal, see below; NULL: none */
	int resume;                /* 1: continue an interrupted run that used this journal */
	struct ssum_filter filter; /* what is listed; all zero: everything */
};

/*
 * Write the manifests of a directory: SHA1SUMS, SHA256SUMS ... at its top, in the format of
 * sha1sum. Beside each manifest a file of checkpoints is written if the algorithm has checkpoints
 * and any file is longer than the interval; otherwise the checkpoints of the previous manifest are
 * removed. Each file is read once, for all algorithms. Manifests at the top of the directory, and
 * their checkpoints, are not listed.
 *
 * Each manifest is written under a temporary name, flushed to disk and renamed, and only after all
 * entries could be listed: at any moment either the old or the new manifest is there, complete. The
 * reports of the manifests, with their content hashes, are the last ones.
 *
 * A journal makes it possible to continue an operation that was interrupted: by ssum_cancel(), or
 * by the end of the process or of the system. It is flushed to disk about once a second, and
 * removed when the operation ends in any other way. Its path must be outside the directory and used
 * for nothing else. It is created, with missing directories of its path, when there is something to
 * record, accessible to this user only, and is locked by flock(2); if another operation holds the
 * lock, this one records nothing. With resume, what the journal has of a file is used if the file's
 * size, mtime, ctime, inode and device are unchanged: this, and the fact that no other user can
 * write to the journal, is what has to be trusted. A journal of other work is not used; of a
 * damaged one, the intact part is.
 *
 * Returns 0. Errors: SSUM_ERR_UNDECIDED (an entry could not be listed: a FIFO, socket, device or
 * mount point, or not readable; each is reported), SSUM_ERR_EMPTY (no entries), SSUM_ERR_ALGORITHM,
 * SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO, SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, SSUM_ERR_CHANGED,
 * SSUM_ERR_NOT_REGULAR (a device or the like has the name of a manifest), the code of the filter,
 * -errno, -ENOMEM, -EAGAIN. After an error no manifest has been written or replaced, with two
 * exceptions: if one of several manifests could not be renamed, those before it have been; and if
 * the directory could not be flushed after a manifest was renamed, that one has been too.
 * options and summary may be NULL.
 */
SSUM_API int ssum_create(struct ssum_context *context, const char *directory,
			 const struct ssum_create_options *options, struct ssum_summary *summary);

/* ---- Listings ---------------------------------------------------------------------------- */

/*
 * What a directory should contain, listed by the caller instead of by manifests, for ssum_verify().
 * The order of the entries does not matter. One thread at a time may change a listing.
 */
struct ssum_listing;

#define SSUM_LENGTH_UNKNOWN UINT64_MAX

/* One listed entry. Everything that is known about it must hold. */
struct ssum_listed_entry {
	size_t size;         /* sizeof(struct ssum_listed_entry) */
	const char *name;    /* path below the directory; a leading "./" is dropped */
	enum ssum_type type; /* SSUM_TYPE_FILE, SSUM_TYPE_SYMLINK or SSUM_TYPE_DIRECTORY */
	const char *target;  /* of a symlink; NULL: not known */
	/* Of a file; NULL: not known. A file without any digest is not read. */
	const struct ssum_digest *digest;
	const char *algorithm; /* of the digest; NULL: sha1 */
	uint64_t length;       /* of a file, bytes, or SSUM_LENGTH_UNKNOWN */
	const char *source;    /* where the entry is listed, for reports: the path of a manifest */
	uint64_t line;         /* the line there, from 1; 0: not known */
};

/* Make an empty listing. On success *listing is owned by the caller, who calls ssum_listing_free().
   Errors: -ENOMEM; *listing is NULL then. */
SSUM_API int ssum_listing_new(struct ssum_listing **listing);

/*
 * Add an entry, which is copied. To give a file several digests, call this once for each, with the
 * same source and line. Otherwise a name may occur only once in each source: ssum_verify() reports
 * the second one as SSUM_REPORT_LINE with SSUM_ERR_DUPLICATE. If a name is listed in several
 * sources, all of them must hold.
 * Errors: SSUM_ERR_NAME (not a plain path below the directory), SSUM_ERR_ALGORITHM,
 * SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO, SSUM_ERR_MALFORMED (the digest has another length than the
 * algorithm's), SSUM_ERR_OPTIONS (no name, no source, another type), -ENOMEM; no entry was added
 * then.
 */
SSUM_API int ssum_listing_add(struct ssum_listing *listing, const struct ssum_listed_entry *entry);

/* For ssum_listing_cover(): empty directories must be listed too. */
#define SSUM_COVER_EMPTY_DIRECTORIES 1u

/*
 * Define what a source must list: everything below a directory; "" is the whole package. An entry
 * that a source must list and does not is SSUM_EXTRA. With source NULL the entry must be listed in
 * at least one source. What no source must list, and none lists, is ignored. If this function is
 * never called, everything must be listed, including empty directories. Errors: SSUM_ERR_NAME (the
 * directory), SSUM_ERR_OPTIONS (an unknown flag), -ENOMEM.
 */
SSUM_API int ssum_listing_cover(struct ssum_listing *listing, const char *source,
				const char *directory, unsigned flags);

/* Free a listing, which no operation may be using. NULL is allowed. */
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

/* The result of comparing two files. The caller sets size. */
struct ssum_comparison {
	size_t size;
	uint64_t length[2]; /* bytes of each file */
	/* Of the first difference. If one file is the beginning of the other, its length. */
	uint64_t offset;
	/* With SSUM_HOLDS: how many bytes of each file are data, not holes. This describes the
	   storage, not the content, as ssum_map_file(). */
	uint64_t data[2];
	int maps_known; /* 1: the holes of both are known; 0: what is not known counts as data */
};

/*
 * Compare two files byte by byte, by logical content. A range that is a hole in both is not read;
 * a hole in one file is compared with what is read from the other. Long files are compared on all
 * threads of the context, and only up to the first difference. comparison may be NULL; it is filled
 * unless there is an error. Returns SSUM_HOLDS or SSUM_DIFFERS. Errors: as ssum_hash_file(), and
 * SSUM_ERR_OPTIONS (comparison->size).
 */
SSUM_API int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
				struct ssum_comparison *comparison);

/*
 * The same, and call range for every range of bytes that differs, in order; range NULL: for none. A
 * range begins and ends with a byte that differs. Differences with fewer than 4096 equal bytes
 * between them are one range. Bytes that only the longer file has differ too. Memory is bounded,
 * whatever the number and size of the ranges.
 *
 * Each range is passed once. Up to 65,536 ranges are held back until both files were read and found
 * unchanged; if a file changed, both are compared again. If there are more ranges, the first ones
 * are passed before the comparison ends; if a file changes after that, the result is
 * SSUM_ERR_CHANGED at once. After an error, ranges may be missing, and those that were passed may
 * describe content that no longer exists.
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
 * Compare two directories entry by entry. SSUM_MISSING is only in a, SSUM_EXTRA only in b. In
 * reports, expected is what is in a, and found what is in b. Long files are compared as by
 * ssum_compare_files(). Returns SSUM_HOLDS; SSUM_DIFFERS if anything is proven to differ, be
 * missing or extra. Errors: SSUM_ERR_UNDECIDED (nothing is proven, but an entry could not be
 * compared), SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, SSUM_ERR_CHANGED, the code of the filter, -errno
 * of a directory, -ENOMEM, -EAGAIN. options and summary may be NULL.
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
