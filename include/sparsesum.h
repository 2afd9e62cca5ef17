/* SPDX-License-Identifier: MIT */
/*
 * sparsesum: digests of files by their logical content.
 *
 * The digest of a file is a function of the bytes that read() returns, 0 up to st_size, and of
 * nothing else. Sparse, dense, preallocated, compressed or cached: one content, one digest, and it
 * is the digest that sha1sum(1) prints. Holes are not read.
 *
 *     struct ssum_digest digest;
 *     if (ssum_hash_file(NULL, "disk.img", "sha256", &digest) == 0) ...
 *
 *     if (ssum_verify(NULL, "package", NULL, NULL) == SSUM_SAME) ...
 *
 * Contents
 *     Results and errors     what the functions return
 *     Context                threads, holes, progress, cancellation
 *     Algorithms, Digests    names, sizes, hexadecimal
 *     Streams                hashing of bytes as they come, and of runs of zeros
 *     Files                  one file, or many side by side
 *     Extents                where a file has data and where it has holes
 *     Folders                the entries below a folder
 *     Manifests              lines as sha1sum writes and reads them
 *     Checkpoints            a digest verified in parallel, in any order, from any point
 *     Explanations           why a digest does not match
 *     Packages               create and verify a folder with its manifests
 *     Listings               verify a folder against what other formats list
 *     Comparison             two files or two folders, by logical content
 *     Receiver               a file that comes in pieces, in any order, proven as it comes
 *
 * Rules that hold for all of it
 *   - The library never prints, never exits, installs no signal handler, keeps no global state.
 *   - Offsets and lengths are bytes, as uint64_t. Strings are NUL-terminated byte strings; names
 *     need not be UTF-8. What is passed in is only read, and never kept after the call: only
 *     a receiver keeps its context and its descriptor.
 *   - A structure that begins with `size` may grow in a later release. The caller sets size to
 *     sizeof its structure and leaves what it does not use zero, which means "the default". A size
 *     that the library does not know is refused if the unknown part holds anything but zeros. In
 *     structures that the library hands out, size tells which members are there.
 *   - Different threads may use the library at the same time, each with objects of its own. Only
 *     ssum_cancel() may be called on an object that another thread is using; and a receiver is for
 *     several threads.
 *   - Every function blocks until it is done. Callbacks run on the calling thread, one at a time,
 *     and must not call back into the same context, except for ssum_cancel(); those of a receiver
 *     may call that receiver.
 *
 * What is not detected: a writer that stores through a shared mapping into a page that was already
 * dirty moves neither size nor timestamps. No program can see such a change from outside.
 */
#ifndef SPARSESUM_H
#define SPARSESUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SSUM_API __attribute__((visibility("default")))
#else
#define SSUM_API
#endif

#define SSUM_VERSION "0.1.0"

/* The version of the library that is running, as SSUM_VERSION. */
SSUM_API const char *ssum_version(void);

/* ---- Results and errors ------------------------------------------------------------------- */

/*
 * A function returns 0, or a negative code: -errno, or one of enum ssum_error. A verdict is not an
 * error: the functions that judge content return SSUM_SAME (0) or SSUM_DIFFERS (1), and a negative
 * code only when the question could not be decided. So 0 is the only value that means "verified".
 */
#define SSUM_SAME 0
#define SSUM_DIFFERS 1

enum ssum_error {
	/* The file was modified while it was read, at every try; or it ended before its size. */
	SSUM_ERR_CHANGED = -10001,
	/* SSUM_HOLES_VERIFY found data where the file system reports a hole. */
	SSUM_ERR_HOLE_NOT_ZERO = -10002,
	/* ssum_cancel() was called, or a callback asked to stop. */
	SSUM_ERR_CANCELLED = -10003,
	/* Neither the library nor libcrypto has an algorithm of that name and a fixed length. */
	SSUM_ERR_ALGORITHM = -10004,
	/* The content is longer than the algorithm is defined for (SHA-1, SHA-224, SHA-256:
	   2^61-1 bytes, FIPS 180-4). Told before the first byte is read. */
	SSUM_ERR_TOO_LONG = -10005,
	/* Not a regular file, where only those are hashed: a FIFO, socket or device. */
	SSUM_ERR_NOT_REGULAR = -10006,
	/* A line of a manifest is improperly formatted; or text that should be a digest is none. */
	SSUM_ERR_MALFORMED = -10007,
	/* The folder has no manifest of a known algorithm. */
	SSUM_ERR_NO_MANIFEST = -10008,
	/* A manifest lists nothing, or a folder holds nothing to list. */
	SSUM_ERR_EMPTY = -10009,
	/* A name that is absolute, empty, or has a component "", "." or "..". */
	SSUM_ERR_NAME = -10010,
	/* A symbolic link, which is not followed here. */
	SSUM_ERR_SYMLINK = -10011,
	/* A mount point inside the package, which is not entered. */
	SSUM_ERR_MOUNT_POINT = -10012,
	/* libcrypto failed. */
	SSUM_ERR_CRYPTO = -10013,
	/* An options structure from a newer release with members that this one does not know, or a
	   value out of range. */
	SSUM_ERR_OPTIONS = -10014,
	/* Not every entry of the package could be decided, and none was found to differ. */
	SSUM_ERR_UNDECIDED = -10015,
	/* The digest of a stream was already taken. */
	SSUM_ERR_FINISHED = -10016,
	/* A manifest lists a name twice. */
	SSUM_ERR_DUPLICATE = -10017,
	/* The environment variable SPARSESUM_KERNEL names no kernel, or one that this processor
	   cannot run. */
	SSUM_ERR_KERNEL = -10018,
	/* There is no checkpoint: an algorithm that is not one of the library's own chains, an
	   offset that is no multiple of its block or of an interval, or a file without an entry. */
	SSUM_ERR_NO_CHECKPOINT = -10019,
	/* Checkpoints that are of another content, or wrong. They decide nothing. */
	SSUM_ERR_CHECKPOINTS = -10020,
	/* A receiver has not yet got every byte. */
	SSUM_ERR_INCOMPLETE = -10021,
	/* The saved state of a receiver that was for another content, or had other checkpoints. */
	SSUM_ERR_STATE = -10022
};

/*
 * The text of a code that a function here returned, without a trailing period. Never NULL, valid
 * for ever, and safe in every thread. The texts of -errno are those of strerror() in English.
 */
SSUM_API const char *ssum_strerror(int code);

/* ---- Context ------------------------------------------------------------------------------ */

/*
 * A context carries what the longer operations share: how many threads, how to treat holes, whom
 * to tell of progress, and the flag that stops them. One operation at a time runs on a context.
 * Where a function takes a context, NULL stands for one with the defaults.
 */
struct ssum_context;

/* Whether the file system is asked where the holes of a file are (SEEK_DATA, SEEK_HOLE). */
enum ssum_holes {
	/* Ask ext2/3/4, xfs, btrfs and tmpfs. Read every byte elsewhere, since other file systems
	   are known to have reported holes where there was data. The default. */
	SSUM_HOLES_AUTO,
	/* Ask, and believe, every file system that answers. */
	SSUM_HOLES_TRUST,
	/* Ask, then read the holes too. Data in a hole is SSUM_ERR_HOLE_NOT_ZERO. */
	SSUM_HOLES_VERIFY,
	/* Never ask: read every byte. */
	SSUM_HOLES_READ
};

/* How far an operation has come. Handed to the progress callback; valid only in it. */
struct ssum_progress {
	size_t size;
	uint64_t bytes_done; /* logical bytes, holes included */
	uint64_t bytes_due;  /* of those known so far; never below bytes_done */
	uint64_t files_done;
	uint64_t files_due; /* of those known so far */
	int due_is_final;   /* 1 once everything that is to be done is known */
	const char *path;   /* the oldest file in work, or NULL */
};

/*
 * Called about ten times a second on the thread that called the operation. A return of other than
 * 0 ends the operation with SSUM_ERR_CANCELLED.
 */
typedef int ssum_progress_fn(void *user, const struct ssum_progress *progress);

struct ssum_options {
	size_t size; /* sizeof(struct ssum_options) */
	enum ssum_holes holes;
	unsigned threads;           /* 1 to 1024; 0: the CPUs that this process may run on */
	unsigned tries;             /* readings of a file that keeps changing, 1 to 1000; 0: 3 */
	ssum_progress_fn *progress; /* or NULL */
	void *user;                 /* handed to progress */
};

/*
 * Make a context; options may be NULL. On success *context is the caller's, to be freed.
 * Errors: SSUM_ERR_OPTIONS, -ENOMEM; *context is NULL then.
 */
SSUM_API int ssum_context_new(const struct ssum_options *options, struct ssum_context **context);

/* Free a context that no operation is running on. NULL is allowed. */
SSUM_API void ssum_context_free(struct ssum_context *context);

/*
 * Stop the operation that runs on the context: it returns SSUM_ERR_CANCELLED within the time of
 * one read, and tells nothing more. A read that never ends, from a terminal or a FIFO, is waited
 * for all the same. May be called from any thread, from a callback, and from a signal handler. A
 * context stays cancelled: what is started on it later ends at once.
 */
SSUM_API void ssum_cancel(struct ssum_context *context);

/*
 * What went wrong in the last operation on this context that returned a negative code, in one line
 * that names the file: "data/disk.img: Permission denied". "" when nothing did. Names in it are
 * raw bytes, as the caller gave them; one in a package stands behind the folder of that, and '' is
 * the empty one. Valid until the next call on the context.
 */
SSUM_API const char *ssum_message(const struct ssum_context *context);

/* ---- Algorithms --------------------------------------------------------------------------- */

/*
 * Algorithms go by name, in any case. sha1, sha224, sha256, sha384 and sha512 are the library's
 * own chains and work even where libcrypto's providers refuse them. Every other name is looked up
 * in libcrypto (EVP_MD_fetch(3): "sha3-256", "blake2b512", "sm3", "md5" ...); those with an
 * output of free length, such as SHAKE, are refused. NULL is "sha1".
 */
struct ssum_algorithm_info {
	size_t size;          /* sizeof(struct ssum_algorithm_info), set by the caller */
	char name[32];        /* as in options: "sha1" */
	char tag[32];         /* as in tagged lines: "SHA1" */
	char manifest[40];    /* the manifest's file name: "SHA1SUMS" */
	size_t digest_length; /* bytes */
	size_t block_length;  /* bytes */
	uint64_t max_length;  /* the longest content, bytes; UINT64_MAX: no limit that matters */
};

/* Describe an algorithm. Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_CRYPTO, SSUM_ERR_OPTIONS. */
SSUM_API int ssum_algorithm(const char *name, struct ssum_algorithm_info *info);

/* The name of the library's own algorithm number index, counted from 0; NULL past the last. */
SSUM_API const char *ssum_algorithm_name(size_t index);

/* ---- Digests ------------------------------------------------------------------------------ */

#define SSUM_DIGEST_MAX 64                     /* bytes */
#define SSUM_HEX_MAX (2 * SSUM_DIGEST_MAX + 1) /* with the NUL */

struct ssum_digest {
	size_t length; /* bytes in use */
	unsigned char bytes[SSUM_DIGEST_MAX];
};

/* Write the digest in lower-case hexadecimal, with a NUL: 2 * length + 1 bytes. */
SSUM_API void ssum_digest_hex(const struct ssum_digest *digest, char hex[SSUM_HEX_MAX]);

/*
 * Read hexadecimal digits, of either case and nothing else, up to the NUL.
 * Errors: SSUM_ERR_MALFORMED for no digits, an odd number, more than 2 * SSUM_DIGEST_MAX, or
 * another character.
 */
SSUM_API int ssum_digest_parse(const char *hex, struct ssum_digest *digest);

/* 1 if both have the same length and bytes, else 0. Not meant for secrets: time varies. */
SSUM_API int ssum_digest_equal(const struct ssum_digest *a, const struct ssum_digest *b);

/* ---- Streams ------------------------------------------------------------------------------ */

/* A hash that takes its content in pieces of any size. One thread at a time uses a stream. */
struct ssum_stream;

/*
 * Begin a hash. On success *stream is the caller's, to be freed.
 * Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_CRYPTO, -ENOMEM; *stream is NULL then.
 */
SSUM_API int ssum_stream_new(const char *algorithm, struct ssum_stream **stream);

/*
 * Append bytes; data may be NULL if length is 0.
 * Errors: SSUM_ERR_TOO_LONG (nothing was appended), SSUM_ERR_FINISHED, SSUM_ERR_CRYPTO.
 */
SSUM_API int ssum_stream_update(struct ssum_stream *stream, const void *data, size_t length);

/* Append length zero bytes, which need no buffer. Errors as ssum_stream_update(). */
SSUM_API int ssum_stream_zeros(struct ssum_stream *stream, uint64_t length);

/* End the hash and give its digest. Errors: SSUM_ERR_FINISHED at the second call,
   SSUM_ERR_CRYPTO. */
SSUM_API int ssum_stream_final(struct ssum_stream *stream, struct ssum_digest *digest);

/*
 * The intermediate hash value H(i) of FIPS 180-4 after what was appended so far, which must be a
 * multiple of the algorithm's block length: 20 bytes for sha1, 32 for sha224 and sha256, 64 for
 * sha384 and sha512, words in big-endian order. The stream goes on as if nothing had happened.
 * Errors: SSUM_ERR_NO_CHECKPOINT (between two blocks, or an algorithm of libcrypto),
 * SSUM_ERR_FINISHED; value->length is 0 then.
 */
SSUM_API int ssum_stream_save(const struct ssum_stream *stream, struct ssum_digest *value);

/*
 * Begin a hash in the middle: as if `offset` bytes had been appended which came to this value. It
 * cannot be told whether there are such bytes. On success *stream is the caller's, to be freed.
 * Errors: as ssum_stream_new(), and SSUM_ERR_NO_CHECKPOINT (another length of value, or an offset
 * that is no multiple of the block length); *stream is NULL then.
 */
SSUM_API int ssum_stream_restore(const char *algorithm, uint64_t offset,
				 const struct ssum_digest *value, struct ssum_stream **stream);

/* Free a stream in any state. NULL is allowed. */
SSUM_API void ssum_stream_free(struct ssum_stream *stream);

/* ---- Files -------------------------------------------------------------------------------- */

/*
 * Hash one regular file or block device by its logical content. Symbolic links are followed.
 *
 * The file is looked at before and after (size, modification and change time, inode, device); if
 * it moved, it is read again, as often as the context's tries say.
 *
 * Errors: -errno of open, fstat or read (-ENOENT, -EACCES, -EISDIR, -EIO ...), SSUM_ERR_CHANGED,
 * SSUM_ERR_HOLE_NOT_ZERO, SSUM_ERR_TOO_LONG, SSUM_ERR_NOT_REGULAR, SSUM_ERR_ALGORITHM,
 * SSUM_ERR_CRYPTO, SSUM_ERR_CANCELLED, -ENOMEM. No digest is given with an error.
 */
SSUM_API int ssum_hash_file(struct ssum_context *context, const char *path, const char *algorithm,
			    struct ssum_digest *digest);

/*
 * The same for an open descriptor, from offset 0 whatever its position. The descriptor stays the
 * caller's and its position does not move: what is hashed is what the descriptor refers to, so a
 * caller that goes on to use the descriptor uses the file that was hashed.
 */
SSUM_API int ssum_hash_fd(struct ssum_context *context, int fd, const char *algorithm,
			  struct ssum_digest *digest);

/* One thing to hash. */
struct ssum_input {
	size_t size;      /* set by the library before it asks */
	const char *path; /* copied; NULL: use fd */
	int fd;           /* stays the caller's, and open until its result was reported */
	uint64_t offset;  /* with fd, where to begin in a file or device that can seek */
	uint64_t length;  /* the expected size if it is known, for progress only; else 0 */
	void *item;       /* handed back with the result */
};

/*
 * Asked for the next input. Returns 1 and fills *input, or 0 at the end, or a negative code, which
 * ends the operation and is returned by it.
 */
typedef int ssum_input_fn(void *user, struct ssum_input *input);

/* The outcome for one input; valid only in the callback. */
struct ssum_result {
	size_t size;
	const char *path;                  /* as given, or NULL */
	void *item;                        /* as given */
	int error;                         /* 0, or as ssum_hash_file() */
	uint64_t length;                   /* bytes hashed, holes included */
	size_t digest_count;               /* 0 with an error */
	const struct ssum_digest *digests; /* one for each algorithm, in their order */
};

/* Told each result, in the order of the inputs. A return of other than 0 ends the operation with
   SSUM_ERR_CANCELLED. However it ends, each input that was given comes back once, so that its item
   can be freed: those that were not hashed with the error SSUM_ERR_CANCELLED. */
typedef int ssum_result_fn(void *user, const struct ssum_result *result);

struct ssum_hash_options {
	size_t size;                   /* sizeof(struct ssum_hash_options) */
	const char *const *algorithms; /* names, then NULL; NULL alone: sha1 */
	int any_source;         /* 1: FIFOs, sockets and character devices too, to their end */
	ssum_input_fn *input;   /* must be set */
	ssum_result_fn *result; /* must be set */
	void *user;             /* handed to both */
	/* Or NULL: every path is of a regular file below this folder, as a tree gives it, and is
	   opened there as in a package: through no link (SSUM_ERR_SYMLINK), onto no other mount
	   (SSUM_ERR_MOUNT_POINT), under no other name than a plain one (SSUM_ERR_NAME), whoever
	   changes the folder meanwhile. Not together with any_source. */
	const char *folder;
};

/*
 * Hash many files side by side: each is read once, whatever the number of algorithms. Inputs are
 * asked for as there is room, so memory is bounded however many there are. A failing file, or a
 * descriptor that is none (-EBADF), is told in its result and does not end the operation.
 *
 * Returns 0 when every input was reported, else SSUM_ERR_CANCELLED, the code that input returned,
 * SSUM_ERR_OPTIONS, SSUM_ERR_ALGORITHM, -errno of folder, -ENOMEM or -EAGAIN (no thread could be
 * started).
 */
SSUM_API int ssum_hash_each(struct ssum_context *context, const struct ssum_hash_options *options);

/* ---- Extents ------------------------------------------------------------------------------ */

enum ssum_extent_kind { SSUM_DATA, SSUM_HOLE };

/* Part of a file, of one kind. A hole reads as zeros; data may hold zeros too. */
struct ssum_extent {
	uint64_t offset;
	uint64_t length; /* never 0 */
	enum ssum_extent_kind kind;
};

/* Told each extent in turn. A return of other than 0 ends the
   operation with SSUM_ERR_CANCELLED. */
typedef int ssum_extent_fn(void *user, const struct ssum_extent *extent);

/*
 * Walk the extents of a regular file or block device, from 0 to its size, kinds alternating. The
 * context's holes policy decides who is asked; where nobody is, the whole file is one extent of
 * data. A file whose size cannot be known without reading it, as in /proc, has none. Under
 * SSUM_HOLES_VERIFY each hole is read. The map of one content varies with time and
 * file system: it is a fact about storage, never about content.
 *
 * Errors: as ssum_hash_file(). A code from a callback that ran before an error stays told.
 */
SSUM_API int ssum_map_file(struct ssum_context *context, const char *path, ssum_extent_fn *extent,
			   void *user);

/* The same for an open descriptor, whose position does not move. */
SSUM_API int ssum_map_fd(struct ssum_context *context, int fd, ssum_extent_fn *extent, void *user);

/* ---- Folders ------------------------------------------------------------------------------ */

enum ssum_type {
	SSUM_TYPE_UNKNOWN,
	SSUM_TYPE_FILE,
	SSUM_TYPE_SYMLINK,
	SSUM_TYPE_FOLDER,
	SSUM_TYPE_FIFO,
	SSUM_TYPE_SOCKET,
	SSUM_TYPE_CHAR_DEVICE,
	SSUM_TYPE_BLOCK_DEVICE,
	SSUM_TYPE_MANIFEST,   /* in reports: the manifest itself */
	SSUM_TYPE_LINE,       /* in reports: a line of a manifest that cannot be read as one */
	SSUM_TYPE_CHECKPOINTS /* in reports: checkpoints that were left aside */
};

/* "regular file", "symbolic link" ...: a type in words. Never NULL, valid for ever. */
SSUM_API const char *ssum_type_name(enum ssum_type type);

/* One thing below a folder. Valid until the next call on its tree. */
struct ssum_tree_entry {
	size_t size;
	const char *path;    /* below the folder, components parted by one '/' */
	enum ssum_type type; /* SSUM_TYPE_FOLDER: an empty one, or one that has an error */
	uint64_t length;     /* of a regular file, bytes */
	int error;           /* 0, or why this entry or folder could not be looked at */
};

struct ssum_tree;

/*
 * Walk a folder: every file, link, special file and empty folder below it, in the order of the
 * bytes of their paths (an empty folder sorts as if it ended in '/'). Links are not followed and
 * mount points not entered (SSUM_ERR_MOUNT_POINT in their entry). Uses three descriptors at most
 * and memory for the names of the folders from the top to the current one.
 * Errors: -errno (-ENOENT, -ENOTDIR, -EACCES), -ENOMEM; *tree is NULL then.
 */
SSUM_API int ssum_tree_open(const char *folder, struct ssum_tree **tree);

/*
 * Asked whether an entry takes part: its path below the folder, and what it is. Returns 1, or 0: it
 * takes no part then, as if it were neither there nor listed, and of a folder nothing that is below
 * it, which is not read. A negative code ends the operation and is returned by it.
 *
 * Folders are asked about before what is in them. Of an entry that is there its own type is given,
 * of one that is listed the listed type; so an entry may be asked about twice, and has to get one
 * answer.
 */
typedef int ssum_select_fn(void *user, const char *path, enum ssum_type type);

/* The same, of what takes part alone: ssum_tree_next() asks select, with user. NULL: everything. */
SSUM_API int ssum_tree_open_selected(const char *folder, ssum_select_fn *select, void *user,
				     struct ssum_tree **tree);

/* The next entry: 1 with *entry set, 0 at the end, or a negative code, after which the walk is
   over (SSUM_ERR_CHANGED: a folder was moved away under the walk). */
SSUM_API int ssum_tree_next(struct ssum_tree *tree, const struct ssum_tree_entry **entry);

/* Free a tree in any state. NULL is allowed. */
SSUM_API void ssum_tree_close(struct ssum_tree *tree);

/* ---- Manifests ---------------------------------------------------------------------------- */

/* What a line of a manifest says. Comments and empty lines are not handed out. */
enum ssum_line_kind {
	SSUM_LINE_FILE,       /* a name and its digest */
	SSUM_LINE_SYMLINK,    /* "# symlink", a name and its target; a comment to sha1sum */
	SSUM_LINE_FOLDER,     /* "# folder", the name of an empty folder; a comment to sha1sum */
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

/* ---- Checkpoints -------------------------------------------------------------------------- */

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

/* Some bytes of a file. */
struct ssum_range {
	uint64_t offset;
	uint64_t length; /* never 0 */
};

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

/* Told a range of bytes. A return of other than 0 ends the operation with SSUM_ERR_CANCELLED. */
typedef int ssum_range_fn(void *user, const struct ssum_range *range);

/*
 * Verify a file against a digest that can be trusted, with the help of checkpoints that need not
 * be: NULL for none. Those of another algorithm or digest are left aside. Where the file differs
 * and there are checkpoints, damaged (or NULL) is told each range of bytes that has to be fetched
 * again, in order, also bytes that the file lacks at its end.
 *
 * Returns SSUM_SAME, SSUM_DIFFERS, an error as ssum_hash_file(), or SSUM_ERR_OPTIONS for a digest
 * of another length.
 */
SSUM_API int ssum_verify_file(struct ssum_context *context, const char *path, const char *algorithm,
			      const struct ssum_digest *digest,
			      const struct ssum_checkpoints *checkpoints, ssum_range_fn *damaged,
			      void *user);

/* ---- Explanations ------------------------------------------------------------------------- */

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
 * Returns SSUM_SAME if the digest is the file's own, be it in another spelling, SSUM_DIFFERS if it
 * is not, whether or not a cause was found, or an error as ssum_hash_file(); SSUM_ERR_MALFORMED for
 * a text that is no digest of any algorithm. With an error the explanation is left alone.
 */
SSUM_API int ssum_explain_file(struct ssum_context *context, const char *path,
			       const char *algorithm, const char *digest,
			       const struct ssum_checkpoints *checkpoints,
			       struct ssum_explanation *explanation);

/* ---- Packages ----------------------------------------------------------------------------- */

/*
 * A package is a folder with one or more manifests at its top: SHA1SUMS, SHA256SUMS ... Each lists
 * every regular file below the folder, and in comment lines every symbolic link and empty folder.
 * The digest of a manifest, by its own algorithm, is the package's content hash: one value that
 * stands for all of it.
 *
 * Nothing outside the folder is ever opened: names are checked, then resolved beneath the folder
 * without following links. Special files are never opened. Nothing is changed but the manifests
 * that ssum_create() writes.
 */

enum ssum_verdict {
	SSUM_HOLDS,      /* as listed; for ssum_create(): listed now */
	SSUM_DIFFERENT,  /* proven to be other than listed: content, target or type */
	SSUM_MISSING,    /* listed, and not there */
	SSUM_EXTRA,      /* there, and not listed */
	SSUM_UNREADABLE, /* could not be read, or is of a kind that is not read: see error */
	SSUM_UNSTABLE,   /* changed while it was being read */
	SSUM_FALSE_HOLE, /* the file system reported a hole where there is data */
	SSUM_BAD_LINE    /* a line of the manifest, or its name, cannot be accepted: see error */
};

#define SSUM_VERDICT_COUNT 8

/* "holds", "differs", "missing", "extra", "unreadable", "changed", "false hole", "bad line".
   Never NULL, valid for ever. */
SSUM_API const char *ssum_verdict_name(enum ssum_verdict verdict);

/* What is to be said of one entry; valid only in the callback. Members that do not apply are 0. */
struct ssum_report {
	size_t size;
	enum ssum_verdict verdict;
	int error;           /* the code behind UNREADABLE, UNSTABLE, FALSE_HOLE, BAD_LINE */
	const char *path;    /* below the folder; for a manifest as it was opened */
	enum ssum_type type; /* what is there */
	enum ssum_type expected_type; /* what is listed */
	uint64_t length;              /* bytes of what is there; of no use with UNREADABLE */
	uint64_t expected_length;     /* bytes of the file in the first folder of a comparison, or
					 as listed, or as checkpoints say, or of what has moved */
	uint64_t offset;              /* of the first difference that a comparison found */
	const char *manifest;         /* the manifest that this was judged by */
	uint64_t line;                /* and the line in it */
	const char *algorithm;        /* of the digests below */
	const char *expected;         /* digest in hexadecimal, or target of the link, as listed */
	const char *found;            /* the same, as found; NULL if it was not needed to judge */
	const struct ssum_range *damaged; /* bytes that differ, to be fetched again: by segments */
	size_t damaged_count;             /* 0 where there are no checkpoints */
	const struct ssum_explanation *explanation; /* why a file differs, or NULL */
	const char *moved_to;   /* of a missing file: where its content is, unlisted; or NULL */
	const char *moved_from; /* of an extra file: the missing one that it is; or NULL */
	int lists_itself;       /* 1: a line of a manifest for itself, which never holds */
};

/* Told each entry, in the order of ssum_tree, save where a function says otherwise. A return of
   other than 0 ends the operation with SSUM_ERR_CANCELLED. */
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
	void *user;                    /* handed to report, and to select */
	/* The interval, as for ssum_checkpoints_make(), or SSUM_NO_CHECKPOINTS. */
	uint64_t checkpoints;
	const char *journal;    /* where to keep what is done, as below; or NULL */
	int resume;             /* 1: go on with what an interrupted run has kept there */
	ssum_select_fn *select; /* what is to be listed; NULL: everything */
};

/*
 * Write the manifests of a folder, and beside each, for the files that are longer than the
 * interval, a file of checkpoints. Every file is read once, whatever the number of algorithms. Each
 * manifest is written beside its final name, flushed to disk and renamed, and only when all entries
 * could be listed: at any moment the old one or the new one is there, whole. Where there are no
 * checkpoints to write, those that belong to the manifest before are removed. Manifests at the top
 * of the folder are not listed. Told at the end: each manifest with its content hash, as
 * SSUM_TYPE_MANIFEST.
 *
 * With a journal, an operation that was interrupted, by ssum_cancel() or by the end of the process
 * or of the machine, can be gone on with: about once a second it is brought up to date on the disk,
 * and when the operation ends in any other way it is removed. What it holds of a file is used if
 * the file's size, modification and change time, inode and device are those from before; that is
 * what it trusts, and that nobody but the user can write to it. It has to be a path of its own,
 * outside the folder. One that is of other work, or damaged, is not used as far as it is. It is
 * made when there is something to be kept, with the folders that its path needs, for this user
 * alone; and it is locked (flock) from then on: an operation that finds it locked keeps nothing.
 *
 * Returns 0, or SSUM_ERR_UNDECIDED when an entry was refused (a FIFO, socket, device or mount
 * point, or what could not be read; each is reported), SSUM_ERR_EMPTY, SSUM_ERR_ALGORITHM,
 * SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, SSUM_ERR_NOT_REGULAR if a device or the like has the name
 * of a manifest, or -errno of what was written. With an error no manifest is written or replaced;
 * only where the renaming of one of several fails are the ones before it in place, and where the
 * flushing of the folder fails after a renaming, that one too. options and summary may be NULL.
 */
SSUM_API int ssum_create(struct ssum_context *context, const char *folder,
			 const struct ssum_create_options *options, struct ssum_summary *summary);

/* ---- Listings ---- */

/*
 * What a folder should hold, as the caller has it from wherever: ssum_verify() judges by it as it
 * does by manifests. Entries stand in any order.
 */
struct ssum_listing;

#define SSUM_LENGTH_UNKNOWN UINT64_MAX

/* One thing that is listed. Everything that is known of it has to hold. */
struct ssum_listed_entry {
	size_t size;         /* sizeof(struct ssum_listed_entry) */
	const char *name;    /* below the folder; a leading "./" is dropped */
	enum ssum_type type; /* SSUM_TYPE_FILE, SSUM_TYPE_SYMLINK or SSUM_TYPE_FOLDER */
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
 * source and line. Else a name stands once in a source: of two, ssum_verify() tells the second one
 * as SSUM_TYPE_LINE with SSUM_ERR_DUPLICATE. In different sources it may stand; then all of them
 * have to hold.
 *
 * Errors: SSUM_ERR_NAME, SSUM_ERR_ALGORITHM, SSUM_ERR_MALFORMED (a digest of another length than
 * the algorithm's), SSUM_ERR_OPTIONS (no name, no source, another type), -ENOMEM; nothing was added
 * then.
 */
SSUM_API int ssum_listing_add(struct ssum_listing *listing, const struct ssum_listed_entry *entry);

/* For ssum_listing_cover(): folders that hold nothing have to be listed too. */
#define SSUM_COVER_EMPTY_FOLDERS 1u

/*
 * Say what a source has to list: everything below a folder ("": everything at all). What is there
 * and missing in it is SSUM_EXTRA. Source NULL is all of them together. What is covered by none,
 * and not listed, takes no part. A listing of which nothing is said has to list everything, empty
 * folders too.
 *
 * Errors: SSUM_ERR_NAME (of the folder), SSUM_ERR_OPTIONS (an unknown flag), -ENOMEM.
 */
SSUM_API int ssum_listing_cover(struct ssum_listing *listing, const char *source,
				const char *folder, unsigned flags);

/* Free a listing; no operation may be using it. NULL is allowed. */
SSUM_API void ssum_listing_free(struct ssum_listing *listing);

struct ssum_verify_options {
	size_t size;                  /* sizeof(struct ssum_verify_options) */
	const char *const *manifests; /* paths, then NULL; NULL: all at the top of the folder */
	const char *algorithm;        /* of those manifests; NULL: by their names, else contents */
	/* Or NULL: what the content hash must be, of each manifest whose digests are that long;
	   if there is none, SSUM_ERR_OPTIONS. */
	const struct ssum_digest *content_hash;
	int allow_extra;        /* 1: entries that are not listed are only reported */
	ssum_report_fn *report; /* or NULL */
	void *user;             /* handed to report, and to select */
	int no_checkpoints;     /* 1: read every file in one chain, as if there were none */
	const char *journal;    /* where to keep what is done, as for ssum_create(); or NULL */
	int resume;             /* 1: go on with what an interrupted run has kept there */
	/* How many of the files that differ are explained, the first ones: each is read once more
	   for that. 0: none; UINT64_MAX: all. */
	uint64_t explain;
	/* What is judged; NULL: everything. Without the part that is left out the folder is judged
	   as if there were no such part. */
	ssum_select_fn *select;
	/* Or NULL: what is listed, instead of manifests. Those that are named above are the files
	   that it was read from then: they are not read, and no entries unless it lists them. There
	   is no content hash, and there are no checkpoints. */
	const struct ssum_listing *listing;
};

/*
 * Verify a folder against its manifests, with the help of the checkpoints beside them. Every one of
 * them must hold, every entry must be listed in each, and every digest must match. Told first: the
 * lines that cannot be accepted, as SSUM_TYPE_LINE; then each manifest with its content hash, as
 * SSUM_TYPE_MANIFEST; then every entry. Checkpoints that cannot be read, or turn out to be wrong,
 * are told in between as SSUM_TYPE_CHECKPOINTS, with the verdict SSUM_BAD_LINE; that counts for
 * nothing, and changes no other verdict. An explanation changes none either, and is not there if
 * the file could not be read once more.
 *
 * Regular files that are missing, and those that are extra, are told when all other entries have
 * been, in their order. Where there are both, the extra ones are hashed before, to find the missing
 * ones whose content is there under another name: see moved_to and moved_from. Each is matched with
 * one file at most, by all digests that are listed of it; of several that have the same content by
 * the likeness of their names, then in order. Empty files are matched only if their names are
 * alike. No more than 4,096 files of each kind take part; the rest are told in their places. None
 * of that changes a verdict, and a file that cannot be read for it is not told as unreadable.
 *
 * Returns SSUM_SAME; SSUM_DIFFERS when anything is proven to differ, be missing or extra; else, if
 * anything could not be decided, SSUM_ERR_UNDECIDED; or SSUM_ERR_NO_MANIFEST, SSUM_ERR_EMPTY,
 * SSUM_ERR_ALGORITHM, SSUM_ERR_OPTIONS, SSUM_ERR_CANCELLED, -errno of the folder or of a manifest,
 * -ENOMEM. Memory is bounded by the size of the manifests. options and summary may be NULL.
 */
SSUM_API int ssum_verify(struct ssum_context *context, const char *folder,
			 const struct ssum_verify_options *options, struct ssum_summary *summary);

/* ---- Comparison --------------------------------------------------------------------------- */

/* The outcome for two files. The caller sets size. */
struct ssum_comparison {
	size_t size;
	uint64_t length[2]; /* bytes of each */
	uint64_t offset; /* of the first difference; the shorter length if one begins the other */
	/* With SSUM_SAME, how each is stored: its bytes that are data, the other ones being holes.
	   It is a fact about storage, as of ssum_map_file(). */
	uint64_t data[2];
	int maps_known; /* 1: data is known of both; else what nobody was asked about counts as data
			 */
};

/*
 * Compare two files byte by byte, by logical content. What is a hole in both is not looked at;
 * what is a hole in one is read in the other only. Long files are compared on all threads of the
 * context, and no further than to the first difference. comparison may be NULL, and is filled with
 * SSUM_SAME and SSUM_DIFFERS. Errors: as ssum_hash_file().
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
	size_t size;            /* sizeof(struct ssum_compare_options) */
	ssum_report_fn *report; /* or NULL */
	void *user;             /* handed to report, and to select */
	ssum_select_fn *select; /* what is compared; NULL: everything */
};

/*
 * Compare two folders entry by entry, b against a: SSUM_MISSING is in a alone, SSUM_EXTRA in b
 * alone, type is of b's and expected_type of a's. Long files are compared as by
 * ssum_compare_files(). Returns as ssum_verify(). options and summary
 * may be NULL.
 */
SSUM_API int ssum_compare_folders(struct ssum_context *context, const char *a, const char *b,
				  const struct ssum_compare_options *options,
				  struct ssum_summary *summary);

/* ---- Receiver ----------------------------------------------------------------------------- */

/*
 * For programs that write a file as it arrives: from a multicast, from several peers, in ranges. A
 * receiver takes pieces of any size in any order, writes them into the file, and judges each
 * segment, from one checkpoint to the next, the moment it is complete. It tells what has to be
 * fetched again, and when every segment is good, the digest of the file is proven: it is not read
 * once more.
 *
 *     ssum_receiver_new(NULL, &options, &receiver);
 *     while (a packet comes)
 *             ssum_receiver_write(receiver, packet.offset, packet.data, packet.length);
 *     ssum_receiver_missing(receiver, ask_for, NULL);
 *     ...
 *     if (ssum_receiver_finish(receiver) == SSUM_SAME) ...
 *
 * Bytes are hashed from memory as long as those of their segment come in order. Behind a gap they
 * are hashed from the file as soon as the gap is filled. Without checkpoints the whole file is one
 * segment.
 *
 * Several threads may call the functions of one receiver at the same time, all but
 * ssum_receiver_free(). A segment is worked on by one of them at a time, so threads gain most with
 * pieces of different segments. Nobody else may write to the file while there is a receiver of it.
 *
 * Memory: 16 to 64 bytes for each piece that has come behind a gap, up to a limit (see below); up
 * to 300 bytes for each segment that is begun and not yet good, and 17 for every other; a copy of
 * the checkpoints; 128 KiB for each thread that reads. In all less than 100 MiB whatever comes, and
 * little more than the checkpoints if it comes in order. Where ssum_receiver_load() and
 * ssum_receiver_finish() have several segments to read, these are judged side by side on as many
 * threads as the context says, with about 2 MiB for each.
 */
struct ssum_receiver;

/*
 * Told the verdict on a segment, as soon as it is complete: SSUM_SAME, it is proven, and what comes
 * for it from now on is ignored; or SSUM_DIFFERS, something in it is damaged, and all of it is
 * missing again. (Or its checkpoints are wrong: ssum_receiver_finish() tells.)
 *
 * Called on the thread whose call has completed the segment, and so by several at a time where
 * several threads receive. No lock is held: it may call the functions of its receiver. A return of
 * other than 0 ends that call with SSUM_ERR_CANCELLED; the verdict stands.
 */
typedef int ssum_segment_fn(void *user, const struct ssum_range *segment, int verdict);

struct ssum_receiver_options {
	size_t size; /* sizeof(struct ssum_receiver_options) */
	/* A regular file, open for reading and writing and without O_APPEND; not a block device,
	   which has no length to be set, no holes, and no times that tell of a change. It stays the
	   caller's, and open as long as the receiver; its position is not used. */
	int fd;
	const char *algorithm;            /* any; NULL: sha1 */
	const struct ssum_digest *digest; /* of the whole content, from where it can be trusted */
	uint64_t length;                  /* of the content, bytes */
	/* Copied; need not be trusted. Of this digest and length; NULL: there are none. */
	const struct ssum_checkpoints *checkpoints;
	ssum_segment_fn *segment; /* or NULL */
	void *user;               /* handed to segment */
	size_t pieces;            /* that are remembered behind gaps, 0: 1,048,576 */
	int read_again;           /* 1: ssum_receiver_load() takes no segment's word for it */
};

/*
 * Begin to receive: nothing of the content is there yet, whatever the file holds. The file gets its
 * length at once, longer or shorter; its blocks come with the data. The context is kept, and has to
 * outlive the receiver. It serves to stop it: after ssum_cancel() its functions return
 * SSUM_ERR_CANCELLED, except for ssum_receiver_missing(), ssum_receiver_save() and
 * ssum_receiver_free(). A receiver leaves no message in it.
 *
 * On success *receiver is the caller's, to be freed before fd is closed.
 * Errors: SSUM_ERR_OPTIONS (no digest, or one of another length than the algorithm's),
 * SSUM_ERR_ALGORITHM, SSUM_ERR_CHECKPOINTS (of another algorithm, digest or length),
 * SSUM_ERR_TOO_LONG, SSUM_ERR_NOT_REGULAR, -EBADF (fd is not open for both, or to append), -EFBIG
 * or another -errno of ftruncate, -ENOMEM; *receiver is NULL then.
 */
SSUM_API int ssum_receiver_new(struct ssum_context *context,
			       const struct ssum_receiver_options *options,
			       struct ssum_receiver **receiver);

/*
 * Bytes of the content have come. They are in the file when the call returns, and if they complete
 * a segment, it was judged and told. What belongs to a segment that is proven is not written. In
 * other segments what comes last counts, also where pieces overlap. What cannot be remembered, as
 * too many pieces have come behind gaps, is missing still.
 *
 * Returns 0, also if a segment turned out to be damaged; -EINVAL for bytes beyond the length or no
 * data, and then nothing was written; -errno of pwrite (-ENOSPC, -EIO ...) or of reading back, and
 * then at least that segment's part of the piece is missing; SSUM_ERR_CHANGED (somebody has cut the
 * file), SSUM_ERR_CRYPTO, SSUM_ERR_CANCELLED, -ENOMEM. What came before an error counts by
 * segments.
 */
SSUM_API int ssum_receiver_write(struct ssum_receiver *receiver, uint64_t offset, const void *data,
				 size_t length);

/*
 * The same for bytes that are all zero: a hole. In the file they become one, whatever was there
 * before, or stay one, if its file system has holes; else they are zeros. Returns as
 * ssum_receiver_write(), with -errno of fallocate.
 */
SSUM_API int ssum_receiver_hole(struct ssum_receiver *receiver, uint64_t offset, uint64_t length);

/*
 * Tell what has to be fetched, in order: what has not come, and the segments that were damaged.
 * Ranges do not touch. missing is called on this thread without a lock, and may call the functions
 * of the receiver; other threads go on receiving meanwhile.
 *
 * Returns 0, or SSUM_ERR_CANCELLED if missing asked to stop.
 */
SSUM_API int ssum_receiver_missing(struct ssum_receiver *receiver, ssum_range_fn *missing,
				   void *user);

/*
 * Is the file right? If every segment is good, that is proven and answered at once. Else, if every
 * byte has come at some time, the file is read from the first segment that is not good to the end
 * of the last one, in one chain, to tell damaged data from wrong checkpoints: segments that turn
 * out to be right are told so. Other threads wait for it. May be called at any time, and again.
 *
 * Where the same segments are damaged again and again, whatever comes, the checkpoints are those of
 * other content: then begin anew without them.
 *
 * It says nothing of the disk: who wants the file to be there after a power failure calls fsync().
 *
 * Returns SSUM_SAME; SSUM_DIFFERS, and ssum_receiver_missing() has what to fetch;
 * SSUM_ERR_INCOMPLETE while bytes have never come; SSUM_ERR_CHANGED (the file has another length),
 * -errno of fstat or read, SSUM_ERR_CRYPTO, SSUM_ERR_CANCELLED, -ENOMEM, -EAGAIN (no thread).
 */
SSUM_API int ssum_receiver_finish(struct ssum_receiver *receiver);

/*
 * Save what was received, to go on after a restart: which segments are good, and which bytes of the
 * others have come. The content is flushed to disk first, with fsync; then the state is written
 * beside its final name, flushed, renamed. Other threads may go on receiving; what they bring may
 * be in it or not. The format is that of docs/receiver.md.
 *
 * Errors: -errno of fsync, fstat or of what is written, -ENOMEM; the state before is still there.
 */
SSUM_API int ssum_receiver_save(struct ssum_receiver *receiver, const char *path);

/*
 * Go on from a saved state, with the same digest, length and checkpoints. If the file is the very
 * one that was saved, by device, inode, size, modification and change time, then good segments are
 * good without being read; that trusts the state file and those times. If it is not, or options say
 * read_again, the segments that were good are read and judged, which is told as ever, and all the
 * rest is missing. Nothing is done to the file before the state has been read to its end.
 *
 * On success *receiver is the caller's, to be freed. Errors: as ssum_receiver_new(); -errno of
 * path or of reading the file; SSUM_ERR_MALFORMED (not a state, or of a newer release);
 * SSUM_ERR_STATE (of other content or checkpoints); SSUM_ERR_CANCELLED, -EAGAIN (no
 * thread); *receiver is NULL then.
 * To begin anew, ssum_receiver_new() is all that is needed.
 */
SSUM_API int ssum_receiver_load(struct ssum_context *context,
				const struct ssum_receiver_options *options, const char *path,
				struct ssum_receiver **receiver);

/* Free a receiver in any state; no thread may be in one of its functions. The file stays as it is.
   NULL is allowed. */
SSUM_API void ssum_receiver_free(struct ssum_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
