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
 * Decides whether an entry takes part in an operation. path is relative to the directory. Returns 1
 * if it does, or 0 to ignore the entry, as if it did not exist and were not listed; an ignored
 * directory is not read. A negative code ends the operation, which returns it.
 *
 * The function is called for a directory before it is called for what the directory contains. type
 * is the type of the existing entry; or for an entry of a manifest, the type that is listed. So the
 * function may be called twice for one path, and must return the same both times.
 */
typedef int ssum_filter_fn(void *user, const char *path, enum ssum_type type);

/* A filter and its own context. All zero: all entries are included. */
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
 * the filter; *entry is NULL after an error and at the end. The walk cannot continue after such an
 * error. Errors of single entries are in the entries.
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
 * The same for a manifest in memory, which is copied; text may be NULL if length is 0. It need not
 * end with a NUL.
 */
SSUM_API int ssum_manifest_open_text(const char *text, size_t length, const char *algorithm,
				     struct ssum_manifest **manifest);

/*
 * Get the next line. Returns 1 and sets *line, which is valid until the next call, or 0 at the end.
 * A malformed line is no error. Errors: -errno of read, SSUM_ERR_CRYPTO, -ENOMEM; *line is NULL
 * after an error and at the end.
 */
SSUM_API int ssum_manifest_next(struct ssum_manifest *manifest, const struct ssum_line **line);

/*
 * Whether ssum_manifest_next() can read without waiting for a pipe, FIFO, socket or terminal: 1, or
 * 0 if it would wait. It is also 1 if only the first part of a line has arrived, and for a manifest
 * in memory.
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

/* The content that checkpoints belong to. The checkpoints own the strings. */
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
 * Read the checkpoints of the file with this name, or with name NULL the first ones, from a file of
 * checkpoints. Reads from the current position of fd, which is not closed. Uses memory for the
 * checkpoints of one file, at most 4 MiB. On success *checkpoints is owned by the caller, who calls
 * ssum_checkpoints_free(). Errors: SSUM_ERR_NO_CHECKPOINT (none with that name),
 * SSUM_ERR_MALFORMED, SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, -errno of read, -ENOMEM; *checkpoints is
 * NULL then.
 */
SSUM_API int ssum_checkpoints_read(int fd, const char *name, struct ssum_checkpoints **checkpoints);

/*
 * Go through all checkpoints of a file of checkpoints: of the file that fd has open, from its
 * current position; or of one in memory, which is copied, and may be NULL if length is 0. On
 * success *list is owned by the caller, who calls ssum_checkpoints_close(), and closes fd after
 * that. Errors: SSUM_ERR_MALFORMED (not a file of checkpoints, or of another version),
 * SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, -errno of read, -ENOMEM; *list is NULL then.
 */
struct ssum_checkpoints_list;
SSUM_API int ssum_checkpoints_open(int fd, struct ssum_checkpoints_list **list);
SSUM_API int ssum_checkpoints_open_text(const char *text, size_t length,
					struct ssum_checkpoints_list **list);

/*
 * Get the next ones, which the caller owns, as those of ssum_checkpoints_read(). Returns 1 and sets
 * *checkpoints, or 0 at the end. Errors: SSUM_ERR_MALFORMED, -errno of read, -ENOMEM; *checkpoints
 * is NULL after an error and at the end. The list cannot continue after an error.
 */
SSUM_API int ssum_checkpoints_next(struct ssum_checkpoints_list *list,
				   struct ssum_checkpoints **checkpoints);

/* Free a list, at any point. Does not close its descriptor. NULL is allowed. */
SSUM_API void ssum_checkpoints_close(struct ssum_checkpoints_list *list);

/*
 * Write a file that contains only these checkpoints, which must have a name. The file is written
 * under a temporary name, flushed to disk and renamed; it replaces an existing file.
 * Errors: SSUM_ERR_NAME (no name), SSUM_ERR_NOT_REGULAR (the path is a device or the like), -errno,
 * -ENOMEM. Nothing has changed then, unless only the flush of the directory after the renaming
 * failed.
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
 * including bytes missing at the end of the file, but not for bytes after its end; damaged may be
 * NULL.
 * Returns SSUM_HOLDS or SSUM_DIFFERS. Errors: as ssum_hash_file(), and SSUM_ERR_OPTIONS (the digest
 * has another length than the algorithm's).
 */
SSUM_API int ssum_verify_file(struct ssum_context *context, const char *path, const char *algorithm,
			      const struct ssum_digest *digest,
			      const struct ssum_checkpoints *checkpoints, ssum_range_fn *damaged,
			      void *user);

/* ---- Explanations ------------------------------------------------------------------------ */

/*
 * Why a digest is not that of a file. Below, "the digest" is the expected one, and "the content" is
 * that of the file.
 *
 * A cause is reported only if it is proven: the content that the cause describes was computed, and
 * its digest is the expected one. Two causes rely on checkpoints instead: SSUM_CAUSE_UNFINISHED and
 * SSUM_CAUSE_DAMAGED.
 *
 * A cause is tested in the order of this enumeration, but for the last ones, which say where they
 * come. Brackets say what the members offset and count of an explanation are, in bytes.
 */
enum ssum_cause {
	/* No cause that was tested fits. */
	SSUM_CAUSE_UNKNOWN,
	/* The digest is that of the content. */
	SSUM_CAUSE_MATCHES,
	/* The digest is that of the content, in another notation. detail names it: "in base64". */
	SSUM_CAUSE_SPELLING,
	/* The digest is that of the content, with the bytes of the digest in reverse order: all of
	   them, or in each word of four. */
	SSUM_CAUSE_BYTE_ORDER,
	/* The digest is that of the content by another algorithm, which the member algorithm names.
	 */
	SSUM_CAUSE_ALGORITHM,
	/* The digest is that of an empty file. */
	SSUM_CAUSE_EMPTY,
	/* The digest is that of a manifest; detail is the path. Only ssum_verify() tests this. */
	SSUM_CAUSE_MANIFEST,
	/* The content is what the manifest lists under another name; detail is that name. Only
	   ssum_verify() tests this. */
	SSUM_CAUSE_OTHER_ENTRY,
	/* The digest is that of the content without the hole at its end. [where the hole begins;
	   its length] */
	SSUM_CAUSE_TRAILING_HOLE,
	/* The digest is that of the allocated data alone, extent by extent, as detail says. The
	   content is intact. [the first hole that was left out; bytes left out in total] */
	SSUM_CAUSE_ALLOCATED,
	/* The digest is that of the content without the zeros at its end. [where they begin; how
	   many] */
	SSUM_CAUSE_ZEROS_DROPPED,
	/* The digest is that of the content without its blocks of zeros: that of the allocated data
	   of a copy that has holes there. The content is intact. detail is the size of the blocks.
	   [0; bytes left out in total] */
	SSUM_CAUSE_ZERO_BLOCKS,
	/* The digest is that of the content with zeros after its end. [the file's length; how many]
	 */
	SSUM_CAUSE_PADDED,
	/* The digest is that of zeros only, as many as the file has bytes. */
	SSUM_CAUSE_ALL_ZEROS,
	/* The digest is that of the content with other line endings; detail says which. */
	SSUM_CAUSE_LINE_ENDINGS,
	/* The digest is that of the content with a byte order mark (UTF-8) before it, or without
	   the one that it has; detail says which. */
	SSUM_CAUSE_BYTE_ORDER_MARK,
	/* The digest is that of the first bytes of the content. [how many; the bytes after them,
	   which are not all zeros] */
	SSUM_CAUSE_CUT,
	/* By the checkpoints, the file ends early, or has only zeros from some offset on. The bytes
	   before that are right. [how many are proven right; how many to fetch] */
	SSUM_CAUSE_UNFINISHED,
	/* By the checkpoints, parts of the file are damaged. [the first damaged range] */
	SSUM_CAUSE_DAMAGED,
	/* The content is what another manifest lists for this file; detail is the path of that
	   manifest. The manifests contradict each other. Only ssum_verify() tests this, if there
	   are several manifests. */
	SSUM_CAUSE_CONTRADICTED,
	/* The digest is that of the first bytes of the file, as many as are listed or as the
	   checkpoints say. All of the content is there. Comes before SSUM_CAUSE_TRAILING_HOLE.
	   [how many; the bytes after them] */
	SSUM_CAUSE_LONGER,
	/* The file holds nothing but zeros; or, by the checkpoints, its damaged bytes do. Comes
	   before SSUM_CAUSE_DAMAGED. [the first range] */
	SSUM_CAUSE_ZEROED,
	/* The digest is that of the bytes that a program hashes if it counts bytes in 32 bits;
	   detail says how. Comes before SSUM_CAUSE_TRAILING_HOLE. [how many bytes of the file were
	   hashed; how many were not] */
	SSUM_CAUSE_32_BITS,
	/* The digest is that of the content, with one mistake in its text; detail says which. Comes
	   after SSUM_CAUSE_SPELLING. [the place of the first digit, from 1; how many] */
	SSUM_CAUSE_MISTYPED
};

#define SSUM_CAUSE_COUNT 24

/* The name of a cause: "unknown", "matches", "spelling", "byte order", "algorithm", "empty",
   "manifest", "other entry", "trailing hole", "allocated", "zeros dropped", "zero blocks",
   "padded", "all zeros", "line endings", "byte order mark", "cut", "unfinished", "damaged",
   "contradicted", "longer", "zeroed", "32 bits", "mistyped". Never NULL; a static string. */
SSUM_API const char *ssum_cause_name(enum ssum_cause cause);

struct ssum_explanation {
	size_t size;           /* set by the caller of ssum_explain_file() */
	enum ssum_cause cause; /* the first that fits, in the order described above */
	/* 1: the content is as it should be, and the digest is of something else. 0: the content is
	   not as it should be. -1: unknown. */
	int intact;
	uint64_t tested;             /* bit 1 << cause for each cause that was tested */
	uint64_t fits;               /* likewise for each cause that fits */
	uint64_t length;             /* of the file, bytes */
	uint64_t offset;             /* see the cause; else 0 */
	uint64_t count;              /* likewise */
	char algorithm[32];          /* the algorithm of the digest */
	struct ssum_digest expected; /* the digest in question, as bytes */
	/* The digest of the file, by the requested algorithm. Empty if ssum_verify() did
	   not compute it, because checkpoints alone prove the cause. */
	struct ssum_digest found;
	char detail[256]; /* see the cause; else "" */
	/* What the file is by its first bytes: "gzip", "xz", "zstd", "bzip2", "zip", "lz4", or
	   "git-lfs", a Git LFS pointer; else "". And what its name ends in, likewise. If the two
	   differ, the digest may be of the content that is compressed, or of the compressed one.
	   Nothing is decompressed to prove that. */
	char format[16];
	char name_format[16];
};

/*
 * Find out why a digest is not that of a file. The file is read once.
 *
 * digest is text, in hexadecimal or in another notation: base64, with the name of the algorithm
 * before it ("sha256:HEX", "sha256-BASE64"), or a line of a manifest. If the text names no
 * algorithm and algorithm is NULL, or has digests of another length, the first algorithm with
 * digests of that length is used: one of the library's own, or else one of libcrypto's. checkpoints
 * may be NULL; checkpoints for another digest are ignored.
 *
 * SSUM_CAUSE_ALLOCATED and SSUM_CAUSE_TRAILING_HOLE rely on the extents that the file system
 * reports. They are not tested if the context's holes policy does not ask the file system.
 *
 * Returns SSUM_HOLDS if the digest is that of the file, in whatever notation, or SSUM_DIFFERS if it
 * is not, whether or not a cause was found. Errors: as ssum_hash_file(), SSUM_ERR_MALFORMED (no
 * algorithm has such a digest), SSUM_ERR_ALGORITHM (also of the text), SSUM_ERR_OPTIONS
 * (explanation->size); *explanation is unchanged then.
 */
SSUM_API int ssum_explain_file(struct ssum_context *context, const char *path,
			       const char *algorithm, const char *digest,
			       const struct ssum_checkpoints *checkpoints,
			       struct ssum_explanation *explanation);

/* ---- Packages ---------------------------------------------------------------------------- */

/*
 * A package is a directory with one or more manifests at its top: SHA1SUMS, SHA256SUMS ... Each
 * manifest lists every regular file below the directory, and in comment lines every symlink and
 * empty directory. The content hash of a package is the digest of its manifest, by the algorithm of
 * the manifest. It identifies all of the package.
 *
 * The functions below open nothing outside the directory: they check names, and resolve them
 * beneath the directory without following symlinks. They do not open special files. Only
 * ssum_create() changes anything: it writes manifests and their checkpoints.
 */

/* The subject of a report. */
enum ssum_report_kind {
	SSUM_REPORT_ENTRY,       /* an entry of the directory or of a manifest */
	SSUM_REPORT_MANIFEST,    /* a manifest: its content hash */
	SSUM_REPORT_LINE,        /* a line of a manifest that is rejected */
	SSUM_REPORT_CHECKPOINTS, /* checkpoints that are not used, or wrong; changes no verdict */
	SSUM_REPORT_FORM,        /* how a manifest was read, if not simply as sha1sum reads it */
	SSUM_REPORT_STALE /* a listed file that changed after it was hashed; only ssum_create() */
};

/*
 * How ssum_verify() reads a manifest that is not in the form of sha1sum. Bits of the member forms
 * of a report.
 */
#define SSUM_FORM_BYTE_ORDER_MARK 1u /* it begins with the mark of UTF-8, which is skipped */
#define SSUM_FORM_UTF16 2u           /* it is converted from UTF-16 */
/* The list is the text that PGP has signed. The signature is not checked. */
#define SSUM_FORM_PGP 4u
#define SSUM_FORM_FILE_HASH 8u /* from Get-FileHash of PowerShell: a list, a table or CSV */
#define SSUM_FORM_CERTUTIL 16u /* from certutil -hashfile */
/* It is a digest without a name. The digest is of the file that the manifest is named after:
   "x.iso" for "x.iso.sha256". If there is no such file, the line is malformed. */
#define SSUM_FORM_BARE 32u
/* Its names have Windows path separators, which are read as '/'. */
#define SSUM_FORM_BACKSLASHES 64u
/* Its names have Windows path separators, but it is not certain which files they name. */
#define SSUM_FORM_UNCLEAR_BACKSLASHES 128u

/* A run of zeros in a file, of at least 4096 bytes. */
struct ssum_zeros {
	uint64_t offset;
	uint64_t length;
	int in_hole; /* 1: in a hole; 0: allocated; -1: the file system was not asked */
};

/* One side of a report: the listed entry, or the existing one. */
struct ssum_report_side {
	enum ssum_type type; /* SSUM_TYPE_UNKNOWN: no entry is listed, or none exists */
	uint64_t length;     /* of a regular file, bytes; 0: not known */
	const struct ssum_digest *digest; /* of a regular file; NULL: not known */
	const char *target;               /* of a symlink; NULL: not known */
};

/*
 * A report. It is valid only during the callback. An x marks the members that a kind of report
 * uses; all other members are 0. SSUM_REPORT_FORM uses path, of the manifest, and forms.
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
	/* The code for UNREADABLE, CHANGED, FALSE_HOLE and BAD_LINE; for UNDECIDED it is 0 or
	   SSUM_ERR_ALGORITHM. */
	int error;
	const char *path; /* below the directory; of a manifest: as it was opened */
	/* The manifest that decided, or that does not list an extra or undecided entry. */
	const char *manifest;
	uint64_t line;         /* of that manifest */
	const char *algorithm; /* of the digests below */
	/* The listed entry; in a comparison, the one in the first directory. If the manifest has no
	   length, it may be known from checkpoints, or from the file that a missing one was moved
	   to. */
	struct ssum_report_side expected;
	/* The existing entry; in a comparison, the one in the second directory. The digest is NULL
	   if the verdict did not need it. The length is undefined with UNREADABLE. */
	struct ssum_report_side found;
	uint64_t offset;                  /* in a comparison: of the first difference */
	const struct ssum_range *damaged; /* of a file with checkpoints: bytes to fetch again */
	size_t damaged_count;             /* of these ranges */
	const struct ssum_explanation *explanation; /* why a file differs, or NULL */
	/* Of a missing file: the path of a file with its content that is not listed. Of a file that
	   is not listed: the path of the missing file that has its content. Else NULL. */
	const char *moved;
	int lists_itself; /* 1: a manifest lists a digest of itself, which can never match */
	/* Of a missing entry that the file system finds by the listed name, because it ignores case
	   or the form of characters: the name that its directory lists instead. Else NULL. In a
	   comparison likewise, also for SSUM_EXTRA: the name in the directory that lacks the path.
	 */
	const char *other_name;
	/* Of a missing entry: 1 if other_name is a listed name too. Then two listed names are one
	   file here. */
	int other_is_listed;
	unsigned forms; /* with SSUM_REPORT_FORM: SSUM_FORM_... bits of the manifest `path` */
	/* Of a file that differs: runs of zeros in its damaged ranges, in order. A range that holds
	   nothing but zeros was lost or never written. */
	const struct ssum_zeros *zeros;
	size_t zeros_count;
	/* Of a file that differs: the bytes after the listed content, if the bytes before them are
	   proven to be all of it. Then nothing is damaged, and cutting them off repairs the file.
	   Else 0. */
	uint64_t surplus;
	/* With SSUM_ERR_CHANGED: what was seen to move, enum ssum_change. */
	unsigned changes;
	/* 1: the times of the file prove nothing: they are in the future, by another system's
	   clock, or too coarse. It was read twice, and both readings gave the same bytes. */
	int read_twice;
};

/* Called with each report, in the order of ssum_tree_next(), unless a function says otherwise. A
   return value other than 0 ends the operation with SSUM_ERR_CANCELLED. */
typedef int ssum_report_fn(void *user, const struct ssum_report *report);

/* Totals. They are set even if the operation fails. The caller sets size. */
struct ssum_summary {
	size_t size;
	uint64_t entries;                   /* reported, not counting manifests */
	uint64_t bytes;                     /* hashed or compared, holes included */
	uint64_t count[SSUM_VERDICT_COUNT]; /* of entries, by verdict */
	uint64_t resumed;                   /* of bytes: hashed by an interrupted run */
	int journal_taken; /* 1: nothing was recorded: another operation uses the journal */
	/* Bytes without blocks on the disk that were read, because SSUM_HOLES_AUTO does not ask the
	   file system. SSUM_HOLES_TRUST may skip them. */
	uint64_t holes_read;
	uint64_t read_twice; /* entries whose times prove nothing, see struct ssum_report */
	/* After SSUM_ERR_CANCELLED: bytes that the journal has as hashed. At most so many are saved
	   if the operation is continued. 0: nothing can be continued. */
	uint64_t recorded;
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
	struct ssum_filter filter; /* selects the listed entries; all zero: everything */
	int allow_changed; /* 1: write the manifests although files changed after they were hashed
			    */
	const int *directory_fd; /* as for ssum_verify(); NULL: the path is opened */
};

/*
 * Write the manifests of a directory: SHA1SUMS, SHA256SUMS ... at its top, in the format of
 * sha1sum. Beside each manifest a file of checkpoints is written if the algorithm has checkpoints
 * and any file is longer than the interval; otherwise the checkpoints of the previous manifest are
 * removed. Each file is read once, for all algorithms. Manifests at the top of the directory,
 * their checkpoints and their signatures are not listed; see ssum_verify().
 *
 * Each manifest is written under a temporary name, flushed to disk and renamed, and only after all
 * entries could be listed. At any time, the complete old manifest or the complete new one is there.
 * The reports of the manifests, with their content hashes, are the last ones. A file that is
 * replaced keeps its mode, owner and group. If this process may not set the owner or the group, it
 * owns the new file, and `error` in the report of the manifest is -EPERM; if it cannot set the
 * group, the members of the new group get no more permissions than others have. On a file system
 * that cannot flush directories, the old manifest may be there after a power failure.
 *
 * Before that, the size, times and inode of each file are read once more. A file that changed after
 * it was hashed is reported (SSUM_REPORT_STALE, with SSUM_CHANGED). Then the result is
 * SSUM_ERR_UNDECIDED, unless the options allow it.
 *
 * A journal makes it possible to continue an operation that was interrupted: by ssum_cancel(), or
 * by the end of the process or of the system. It is flushed to disk about once a second, and
 * removed when the operation ends in any other way. Its path must be outside the directory and used
 * for nothing else. When there is something to record, the journal and the missing directories of
 * its path are created, accessible to this user only, and the journal is locked by flock(2); if
 * another operation holds the lock, this one records nothing. With resume, the part of a file that
 * the journal records is not hashed again if the file's size, mtime, ctime, inode and device are
 * unchanged. The result is then only as trustworthy as this check and the journal, which no other
 * user can write to. A journal of other work is not used. If a journal is damaged, its intact part
 * is used.
 *
 * Returns 0. Errors: SSUM_ERR_UNDECIDED (an entry could not be listed: a FIFO, socket, device or
 * mount point, or not readable; each is reported), SSUM_ERR_EMPTY (no entries), SSUM_ERR_ALGORITHM,
 * SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO, SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, SSUM_ERR_CHANGED,
 * SSUM_ERR_NOT_REGULAR (a device or the like has the name of a manifest), SSUM_ERR_MALFORMED (a
 * foreign file has the name of the checkpoints), the code of the filter, -errno, -ENOMEM, -EAGAIN.
 * After an error no manifest has been written or replaced, with two exceptions. If one of several
 * manifests cannot be renamed, those before it are replaced already. If the directory cannot be
 * flushed after a manifest was renamed, that manifest is replaced already. options and summary may
 * be NULL.
 */
SSUM_API int ssum_create(struct ssum_context *context, const char *directory,
			 const struct ssum_create_options *options, struct ssum_summary *summary);

/* ---- Listings ---------------------------------------------------------------------------- */

/*
 * What a directory should contain: a list that the caller makes, for ssum_verify() to use in place
 * of manifests. The order of the entries does not matter. One thread at a time may change a
 * listing.
 */
struct ssum_listing;

#define SSUM_LENGTH_UNKNOWN UINT64_MAX

/* One listed entry. ssum_verify() checks all that is known about it. */
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
 * that a source must list, and does not list, is SSUM_EXTRA. With source NULL, at least one source
 * must list the entry. An entry that no source must list, and none lists, is ignored. If this
 * function is never called, everything must be listed, including empty directories. Errors:
 * SSUM_ERR_NAME (the directory), SSUM_ERR_OPTIONS (an unknown flag), -ENOMEM.
 */
SSUM_API int ssum_listing_cover(struct ssum_listing *listing, const char *source,
				const char *directory, unsigned flags);

/* Declare that the listing may lack entries, because they could not be read from the sources.
   Entries that are not listed are then SSUM_UNDECIDED instead of SSUM_EXTRA. */
SSUM_API void ssum_listing_incomplete(struct ssum_listing *listing);

/* Free a listing. No operation may be using it. NULL is allowed. */
SSUM_API void ssum_listing_free(struct ssum_listing *listing);

struct ssum_verify_options {
	size_t size;                  /* sizeof(struct ssum_verify_options) */
	const char *const *manifests; /* paths, then NULL; NULL: all at the top of the directory */
	const char *algorithm;        /* of those manifests; NULL: by their names, else contents */
	/* The expected content hash, or NULL. It is compared with every manifest whose digests have
	   its length. If there is no such manifest, the result is SSUM_ERR_OPTIONS. */
	const struct ssum_digest *content_hash;
	int allow_extra;        /* 1: extra entries are reported, but do not change the result */
	ssum_report_fn *report; /* or NULL */
	void *user;             /* the first argument of report */
	int no_checkpoints;     /* 1: use no checkpoints: read every file in one chain */
	const char *journal;    /* path of the journal, as for ssum_create(); NULL: none */
	int resume;             /* 1: continue an interrupted run that used this journal */
	/* The most files that are explained. The first ones that differ are, and each may be read
	   again for this. 0: none; UINT64_MAX: all. */
	uint64_t explain;
	struct ssum_filter filter; /* selects the verified entries; all zero: everything */
	/* What is listed, instead of manifests; or NULL. Then `manifests` are the files that the
	   listing was made from. They are not read, and are not extra if they are not listed. There
	   are no content hash and no checkpoints. */
	const struct ssum_listing *listing;
	/* An open descriptor of the directory, not opened with O_PATH; or NULL. The directory is
	   then not opened by its path, which is only for messages, and may be another directory by
	   now, or none. The descriptor is not closed. */
	const int *directory_fd;
};

/*
 * Verify a directory against its manifests. Every listed entry must be there, with the listed
 * digest, and every entry must be listed in each manifest at its top. If the options name the
 * manifests, those of one algorithm list the directory together: every entry must be listed in one
 * of them, for each algorithm. An entry that is not listed is SSUM_EXTRA, or SSUM_UNDECIDED if
 * lines of these manifests could not be read, because one of them may list it. A file is
 * SSUM_UNDECIDED too if no digest of its manifest holds, the algorithm was taken from the length of
 * the digests, and they may be of another one: of BLAKE3, which has 64 digits, or of one that
 * explain tests, if it fits or was not tested. Checkpoints beside a manifest are used to verify
 * long files in parallel.
 *
 * Manifests at the top of the directory, the manifests that the options name, their checkpoints and
 * their signatures need not be listed. A signature has the name of the manifest with ".asc",
 * ".gpg", ".sig", ".sign", ".minisig" or ".p7s" after it. Signatures are not checked.
 *
 * Reports come in this order: rejected lines (SSUM_REPORT_LINE), each manifest with its content
 * hash (SSUM_REPORT_MANIFEST), every entry (SSUM_REPORT_ENTRY). Reports of checkpoints that cannot
 * be read or are wrong (SSUM_REPORT_CHECKPOINTS) come in between; they change no verdict and no
 * total. An explanation changes no verdict either. There is none if the file could not be read
 * again.
 *
 * Missing, extra and undecided regular files are reported after all other entries, in order. If
 * there are missing and extra ones, extra files are hashed before that, to find the content of
 * missing files under another name: see the member moved. An extra file is a match if it has all
 * digests that are listed for the missing file. Each file is matched once at most. Among files
 * with the same content, those with the most similar names are matched first, then by their order.
 * Empty files are matched only if their names are similar. At most 4,096 missing and 4,096 extra
 * files take part; others are reported in the order of all entries. None of this changes a verdict,
 * and an extra file that cannot be read for it stays SSUM_EXTRA.
 *
 * Returns SSUM_HOLDS; SSUM_DIFFERS if an entry is proven to differ, to be missing or to be extra,
 * or a content hash differs; otherwise SSUM_ERR_UNDECIDED if an entry could not be judged or a line
 * was rejected. Other errors: SSUM_ERR_NO_MANIFEST, SSUM_ERR_EMPTY, SSUM_ERR_ALGORITHM,
 * SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, the code of the filter, -errno of the directory or of a
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
	int maps_known; /* 1: the holes of both files are known; 0: unknown ones count as data */
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
	struct ssum_filter filter; /* selects the compared entries; all zero: everything */
};

/*
 * Compare two directories entry by entry. An entry that is only in a is SSUM_MISSING, one that is
 * only in b is SSUM_EXTRA. In reports, expected is the entry in a, and found is the entry in b.
 * Long files are compared as by ssum_compare_files(). Returns SSUM_HOLDS; SSUM_DIFFERS if anything
 * is proven to differ, be missing or extra. Errors: SSUM_ERR_UNDECIDED (nothing is proven, but an
 * entry could not be compared), SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, SSUM_ERR_CHANGED, the code of
 * the filter, -errno of a directory, -ENOMEM, -EAGAIN. options and summary may be NULL.
 */
SSUM_API int ssum_compare_directories(struct ssum_context *context, const char *a, const char *b,
				      const struct ssum_compare_options *options,
				      struct ssum_summary *summary);

/* ---- Files of the caller ----------------------------------------------------------------- */

/*
 * Write a file with this content. It replaces a file that has this name. The library writes its own
 * files (manifests, checkpoints, saved states) in this way. The content is written under a
 * temporary name in the same directory, flushed to the disk, and renamed; then the directory is
 * flushed. At any time the name is that of the old file or of the complete new one. The path is
 * relative to the descriptor `directory`, as in openat(2): AT_FDCWD is the current directory. A new
 * file has the mode 0666 minus the umask. If it replaces one, it gets that one's mode, owner and
 * group; what this process may not set is as in ssum_create(). A symlink to a regular file is
 * replaced, not followed; the new file gets the mode, owner and group of that file.
 * Errors: -EISDIR (a directory, or a trailing slash), SSUM_ERR_NOT_REGULAR (a device, FIFO or
 * socket, or a symlink to one), -errno (also of the directory: -ENOENT, -EACCES), -ENOMEM. The old
 * file is unchanged then. One exception: if only the last step failed, the flush of the directory,
 * the new file is there.
 */
SSUM_API int ssum_replace_file(int directory, const char *path, const void *data, size_t length);

#ifdef __cplusplus
}
#endif

#endif
