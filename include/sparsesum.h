/* SPDX-License-Identifier: MIT */
/*
 * sparsesum: digests of files by their logical content.
 *
 * The digest of a file depends only on the bytes that read() returns, from 0 to st_size. A sparse,
 * a dense, a preallocated and a compressed copy of one content have the same digest, and it is the
 * digest that sha1sum(1) prints. Holes are not read.
 *
 *     struct ssum_digest digest;
 *     char hex[SSUM_HEX_MAX];
 *
 *     if (ssum_hash_file(NULL, "disk.img", "sha1", &digest) == 0)
 *             ssum_digest_hex(&digest, hex);
 *
 * This header is the core: results, context, algorithms, digests, streams, files and extents.
 *     sparsesum/package.h     directories, manifests, checkpoints; create, verify, compare, explain
 *     sparsesum/receiver.h    a file that arrives in pieces and is verified while it arrives
 *
 * Rules for all functions
 *   - The library never prints, never exits, installs no signal handler and has no global state.
 *   - Offsets and lengths are bytes, as uint64_t. Strings are NUL-terminated byte strings; file
 *     names need not be UTF-8.
 *   - The library only reads its arguments and does not keep them after the call. The exception is
 *     a receiver, which keeps its context and its file descriptor.
 *   - A structure that begins with `size` may grow in later releases. In structures that you pass
 *     in, set size to sizeof the structure and unused members to 0, which selects the default. A
 *     structure with non-zero bytes that this release does not know is refused
 *     (SSUM_ERR_OPTIONS). In structures that the library passes to you, size says which members
 *     exist.
 *   - Threads may call the library concurrently if each uses its own objects. Two exceptions:
 *     ssum_cancel() may be called on a context that another thread is using, and several threads
 *     may use one receiver.
 *   - Functions block until they are done. Callbacks run one at a time, on the thread that called
 *     the function. They must not use the same context, except for ssum_cancel(). Callbacks of a
 *     receiver may call that receiver.
 *   - If another process has a write lease on a file (fcntl(2), F_SETLEASE), functions that open
 * the file wait until that process gives it up, at most 60 seconds. ssum_cancel() ends the wait.
 *
 * Not detected: a store through a shared memory mapping into a page that was already dirty changes
 * neither the size nor a time of the file; on tmpfs nor does one into a page that was read through
 * that mapping. No program can see such a change from outside. docs/changes.md says how changes are
 * detected, and how large every window is.
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

#define SSUM_VERSION "0.2.0"

/* The version of the library at run time, in the form of SSUM_VERSION. */
SSUM_API const char *ssum_version(void);

/* ---- Results and errors ------------------------------------------------------------------ */

/*
 * Every function returns 0 or a negative code: -errno, or one of enum ssum_error. A mismatch is not
 * an error: functions that judge content return SSUM_HOLDS (0) or SSUM_DIFFERS (1), and a negative
 * code only if the question could not be decided. So 0 is the only value that means "verified".
 */
enum ssum_verdict {
	SSUM_HOLDS,      /* as listed; the same; the digest is the expected one */
	SSUM_DIFFERS,    /* proven to be different: content, symlink target or type */
	SSUM_MISSING,    /* listed, but not there */
	SSUM_EXTRA,      /* there, but not listed */
	SSUM_UNREADABLE, /* could not be read, or is of a type that is not read */
	SSUM_CHANGED,    /* changed while it was being read */
	SSUM_FALSE_HOLE, /* the file system reported a hole where there is data */
	SSUM_BAD_LINE,   /* a line of a manifest, or the name in it, is not acceptable */
	SSUM_UNDECIDED   /* there, and perhaps listed by a line that could not be read; or of a
			    digest whose algorithm is not known (SSUM_ERR_ALGORITHM) */
};

#define SSUM_VERDICT_COUNT 9

/* "holds", "differs", "missing", "extra", "unreadable", "changed", "false hole", "bad line",
   "undecided".
   Never NULL; the string is static. */
SSUM_API const char *ssum_verdict_name(enum ssum_verdict verdict);

enum ssum_error {
	/* The file was modified during every attempt to read it, or ended before its size. */
	SSUM_ERR_CHANGED = -10001,
	/* SSUM_HOLES_VERIFY found data where the file system reports a hole. */
	SSUM_ERR_HOLE_NOT_ZERO = -10002,
	/* ssum_cancel() was called, or a callback returned non-zero. */
	SSUM_ERR_CANCELLED = -10003,
	/* Neither the library nor libcrypto has a fixed-length algorithm of that name. */
	SSUM_ERR_ALGORITHM = -10004,
	/* The content is longer than the algorithm allows (FIPS 180-4: 2^61-1 bytes for SHA-1,
	   SHA-224 and SHA-256). Reported before anything is read. */
	SSUM_ERR_TOO_LONG = -10005,
	/* A FIFO, socket or device where only regular files are hashed. */
	SSUM_ERR_NOT_REGULAR = -10006,
	/* A line of a manifest is improperly formatted, or a text is not a digest. */
	SSUM_ERR_MALFORMED = -10007,
	/* The directory has no manifest of a known algorithm. */
	SSUM_ERR_NO_MANIFEST = -10008,
	/* A manifest lists nothing, or a directory contains nothing to list. */
	SSUM_ERR_EMPTY = -10009,
	/* A name is absolute or empty, or has a component "", "." or "..". */
	SSUM_ERR_NAME = -10010,
	/* A symlink where symlinks are not followed. */
	SSUM_ERR_SYMLINK = -10011,
	/* A mount point inside the package. Mount points are not entered. */
	SSUM_ERR_MOUNT_POINT = -10012,
	/* libcrypto failed. */
	SSUM_ERR_CRYPTO = -10013,
	/* An option is out of range, or the structure has members that this release does not
	   know. */
	SSUM_ERR_OPTIONS = -10014,
	/* Some entries of the package could not be decided, and none was found to differ. */
	SSUM_ERR_UNDECIDED = -10015,
	/* The digest of the stream was already taken. */
	SSUM_ERR_FINISHED = -10016,
	/* A manifest lists a name twice. */
	SSUM_ERR_DUPLICATE = -10017,
	/* The environment variable SPARSESUM_KERNEL names no kernel, or one that this processor
	   does not support. */
	SSUM_ERR_KERNEL = -10018,
	/* There is no checkpoint: the algorithm is not one of the library's own, the offset is not
	   a multiple of its block length or of the interval, or the file has no entry. */
	SSUM_ERR_NO_CHECKPOINT = -10019,
	/* Checkpoints are wrong, or of another content. They never decide a verdict. */
	SSUM_ERR_CHECKPOINTS = -10020,
	/* The receiver does not have all bytes yet. */
	SSUM_ERR_INCOMPLETE = -10021,
	/* The saved state is of a receiver for another content or with other checkpoints. */
	SSUM_ERR_STATE = -10022,
	/* A file is there by this name, but its directory cannot be listed. So it is not known
	   whether the directory has the name in this case and form. */
	SSUM_ERR_UNLISTED = -10023
};

/*
 * The text of a code that a function returned, without a trailing period. Never NULL; the string is
 * static and the function thread-safe. For -errno it is the English text of strerror().
 */
SSUM_API const char *ssum_strerror(int code);

/*
 * What was seen to move when a file has SSUM_ERR_CHANGED: a set of these bits. A new hard link, a
 * removed one, chmod and chown move the change time, and do not change the content. If only
 * SSUM_CHANGE_CTIME, SSUM_CHANGE_LINKS or SSUM_CHANGE_PERMISSION are set, the content may be the
 * same.
 */
enum ssum_change {
	SSUM_CHANGE_SIZE = 1,
	SSUM_CHANGE_MTIME = 2,       /* the modification time */
	SSUM_CHANGE_CTIME = 4,       /* the change time */
	SSUM_CHANGE_LINKS = 8,       /* the number of hard links */
	SSUM_CHANGE_PERMISSION = 16, /* mode, owner or group */
	SSUM_CHANGE_FILE = 32,       /* the name leads to another file: device or inode */
	SSUM_CHANGE_CONTENT = 64     /* a second reading gave other bytes */
};

/* More than the longest text of a set of changes, with the NUL. */
#define SSUM_CHANGES_MAX 256

/*
 * The text of a set of enum ssum_change: "its size and change time moved". If only the change time,
 * the link count or the permissions moved, it says that the content may be the same. Empty if the
 * set is.
 */
SSUM_API void ssum_changes_text(unsigned changes, char text[SSUM_CHANGES_MAX]);

/* The word for one bit of enum ssum_change: "size", "modification time", "change time", "link
   count", "permissions", "identity" or "content". NULL for any other number; the string is static.
 */
SSUM_API const char *ssum_change_name(unsigned change);

/* ---- Context ----------------------------------------------------------------------------- */

/*
 * A context holds the settings of longer operations: threads, treatment of holes, the progress
 * callback, and the flag that cancels. It runs one operation at a time. Where a function takes a
 * context, NULL means a context with the defaults.
 */
struct ssum_context;

/* Whether to ask the file system where the holes of a file are (SEEK_DATA and SEEK_HOLE, lseek(2)).
 */
enum ssum_holes {
	/* The default: ask ext2, ext3, ext4, xfs, btrfs, tmpfs and squashfs. On other file systems
	   read every byte, because some are known to report holes where there is data. */
	SSUM_HOLES_AUTO,
	/* Ask every file system and believe the answer. */
	SSUM_HOLES_TRUST,
	/* Ask, and read the holes too. Data in a hole is SSUM_ERR_HOLE_NOT_ZERO. */
	SSUM_HOLES_VERIFY,
	/* Never ask: read every byte. */
	SSUM_HOLES_READ
};

/* Progress of an operation. Valid only during the callback. */
struct ssum_progress {
	size_t size;
	uint64_t bytes_done; /* logical bytes, holes included */
	uint64_t bytes_due;  /* known so far; never less than bytes_done */
	uint64_t files_done;
	uint64_t files_due; /* known so far */
	int due_is_final;   /* 1 once the totals are known, as far as inputs have lengths */
	const char *path;   /* the oldest file in progress, or NULL */
	uint64_t waited;    /* milliseconds spent waiting, without reading, until a change of a file
			       can be detected; 4000 at most */
	/* The bytes that an interrupted run has hashed, if this one continues it: at most so many
	   are not hashed again. */
	uint64_t bytes_recorded;
};

/* Called about ten times a second, on the thread that called the operation. Return 0, or non-zero
   to end the operation with SSUM_ERR_CANCELLED. */
typedef int ssum_progress_fn(void *user, const struct ssum_progress *progress);

struct ssum_options {
	size_t size; /* sizeof(struct ssum_options) */
	enum ssum_holes holes;
	unsigned threads; /* 1 to 1024; 0: one for each CPU that this process may use */
	unsigned tries;   /* how often to read a file that keeps changing, 1 to 1000; 0: 3 */
	ssum_progress_fn *progress; /* or NULL */
	void *user;                 /* passed to progress */
};

/*
 * Make a context; options may be NULL. On success the caller owns *context and frees it with
 * ssum_context_free(). Errors: SSUM_ERR_OPTIONS, -ENOMEM; *context is NULL then.
 */
SSUM_API int ssum_context_new(const struct ssum_options *options, struct ssum_context **context);

/* Free a context that runs no operation. NULL is allowed. */
SSUM_API void ssum_context_free(struct ssum_context *context);

/*
 * Cancel the operation that runs on the context. It returns SSUM_ERR_CANCELLED after at most one
 * more read per thread and reports nothing more; ssum_hash_each() still passes its inputs back. A
 * read that blocks, such as one from a terminal or a FIFO, is waited for. The context stays
 * cancelled: later operations on it end at once. May be called from any thread, from a callback and
 * from a signal handler.
 */
SSUM_API void ssum_cancel(struct ssum_context *context);

/*
 * One line that names the file and the reason of the last failed operation on this context:
 * "data/disk.img: Permission denied". "" if none failed. File names are raw bytes as the caller
 * gave them; names inside a package have its directory in front; an empty name is ''. Valid until
 * the next call on the context.
 */
SSUM_API const char *ssum_message(const struct ssum_context *context);

/*
 * 1 if the last operation on this context was on one file, or on two that it compared, has given a
 * verdict or a digest, and had to read a file twice because its times prove nothing: see
 * struct ssum_result. Else 0. Operations on many files report it for each file instead.
 */
SSUM_API int ssum_read_twice(const struct ssum_context *context);

/* ---- Algorithms -------------------------------------------------------------------------- */

/*
 * Algorithms are named without regard to case; NULL means "sha1". The library implements sha1,
 * sha224, sha256, sha384 and sha512 (FIPS 180-4) itself; they work even where libcrypto's providers
 * refuse them. Any other name is fetched from libcrypto, see EVP_MD_fetch(3): "sha3-256",
 * "blake2b512", "sm3", "md5" ... Algorithms of variable output length, such as SHAKE, are refused.
 */
struct ssum_algorithm_info {
	size_t size;          /* sizeof(struct ssum_algorithm_info), set by the caller */
	char name[32];        /* as in options: "sha1" */
	char tag[32];         /* as in tagged lines: "SHA1" */
	char manifest[40];    /* file name of its manifest: "SHA1SUMS" */
	size_t digest_length; /* bytes */
	size_t block_length;  /* bytes */
	uint64_t max_length;  /* of the content, bytes; UINT64_MAX: unlimited in practice */
};

/* Describe an algorithm. Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO,
   SSUM_ERR_OPTIONS. */
SSUM_API int ssum_algorithm(const char *name, struct ssum_algorithm_info *info);

/* The name of the index-th of the library's own algorithms, from 0; NULL after the last. */
SSUM_API const char *ssum_algorithm_name(size_t index);

/* ---- Digests ----------------------------------------------------------------------------- */

#define SSUM_DIGEST_MAX 64                     /* bytes */
#define SSUM_HEX_MAX (2 * SSUM_DIGEST_MAX + 1) /* characters, with the NUL */

struct ssum_digest {
	size_t length; /* bytes in use */
	unsigned char bytes[SSUM_DIGEST_MAX];
};

/* Write 2 * length lower-case hexadecimal digits and a NUL. */
SSUM_API void ssum_digest_hex(const struct ssum_digest *digest, char hex[SSUM_HEX_MAX]);

/*
 * Parse a string of hexadecimal digits, upper or lower case. Errors: SSUM_ERR_MALFORMED if there
 * are no digits, an odd number of them, more than 2 * SSUM_DIGEST_MAX, or other characters.
 */
SSUM_API int ssum_digest_parse(const char *hex, struct ssum_digest *digest);

/* 1 if length and bytes are equal, else 0. Not constant-time: do not use it for secrets. */
SSUM_API int ssum_digest_equal(const struct ssum_digest *a, const struct ssum_digest *b);

/* ---- Streams ----------------------------------------------------------------------------- */

/* A hash that takes its content in parts of any size. For one thread at a time. */
struct ssum_stream;

/*
 * Begin a hash. On success the caller owns *stream and frees it with ssum_stream_free().
 * Errors: SSUM_ERR_ALGORITHM, SSUM_ERR_CRYPTO, SSUM_ERR_KERNEL, -ENOMEM; *stream is NULL then.
 */
SSUM_API int ssum_stream_new(const char *algorithm, struct ssum_stream **stream);

/*
 * Append bytes; data may be NULL if length is 0.
 * Errors: SSUM_ERR_TOO_LONG (nothing was appended), SSUM_ERR_FINISHED, SSUM_ERR_CRYPTO.
 */
SSUM_API int ssum_stream_update(struct ssum_stream *stream, const void *data, size_t length);

/* Append length zero bytes without a buffer. Errors: as ssum_stream_update(). */
SSUM_API int ssum_stream_zeros(struct ssum_stream *stream, uint64_t length);

/* Finish the hash. Errors: SSUM_ERR_FINISHED (called before), SSUM_ERR_CRYPTO. */
SSUM_API int ssum_stream_final(struct ssum_stream *stream, struct ssum_digest *digest);

/*
 * Get the chaining value H(i) of FIPS 180-4 after the bytes appended so far, whose number must be a
 * multiple of the block length: 20 bytes for sha1, 32 for sha224 and sha256, 64 for sha384 and
 * sha512, as big-endian words. The stream is unchanged.
 * Errors: SSUM_ERR_NO_CHECKPOINT (inside a block, or an algorithm of libcrypto), SSUM_ERR_FINISHED;
 * value->length is 0 then.
 */
SSUM_API int ssum_stream_save(const struct ssum_stream *stream, struct ssum_digest *value);

/*
 * Begin a hash in the middle of a content: as if `offset` bytes had been appended and had led to
 * this chaining value. The value is not checked. On success the caller owns *stream.
 * Errors: as ssum_stream_new(), and SSUM_ERR_NO_CHECKPOINT if the value has the wrong length or
 * the offset is not a multiple of the block length; *stream is NULL then.
 */
SSUM_API int ssum_stream_restore(const char *algorithm, uint64_t offset,
				 const struct ssum_digest *value, struct ssum_stream **stream);

/* Free a stream in any state. NULL is allowed. */
SSUM_API void ssum_stream_free(struct ssum_stream *stream);

/* ---- Files ------------------------------------------------------------------------------- */

/*
 * Hash one regular file or block device by its logical content. Symlinks are followed.
 *
 * The file is stat'ed before and after reading: size, modification and change time, inode, device.
 * If one of them changed, it is read again, up to the number of tries of the context. A file whose
 * times are too recent to show a later change is waited for, 4 seconds at most; if they still prove
 * nothing, it is read twice (ssum_read_twice()).
 *
 * Errors: -errno of open, fstat or read (-ENOENT, -EACCES, -EISDIR, -EIO ...), SSUM_ERR_CHANGED,
 * SSUM_ERR_HOLE_NOT_ZERO, SSUM_ERR_TOO_LONG, SSUM_ERR_NOT_REGULAR, SSUM_ERR_ALGORITHM,
 * SSUM_ERR_KERNEL, SSUM_ERR_CRYPTO, SSUM_ERR_CANCELLED, -ENOMEM. After an error there is no
 * digest.
 */
SSUM_API int ssum_hash_file(struct ssum_context *context, const char *path, const char *algorithm,
			    struct ssum_digest *digest);

/*
 * Hash an open file, from offset 0. The descriptor stays the caller's and keeps its position. The
 * content hashed is that of the open file, so a caller that then uses the descriptor uses what
 * was hashed, whatever happened to its name. A pipe, FIFO, socket or character device is refused
 * (SSUM_ERR_NOT_REGULAR): use a stream, or ssum_hash_each() with any_source. Errors: as
 * ssum_hash_file(), and -EBADF.
 */
SSUM_API int ssum_hash_fd(struct ssum_context *context, int fd, const char *algorithm,
			  struct ssum_digest *digest);

/* One file to hash. */
struct ssum_input {
	size_t size;      /* set by the library */
	const char *path; /* copied; NULL: use fd */
	int fd;           /* stays the caller's; keep it open until its result was reported */
	uint64_t offset;  /* with fd: where to begin, if it can seek */
	uint64_t length;  /* expected size, used only for progress; 0: unknown */
	void *item;       /* passed back with the result */
};

/* Called for the next input. Fill *input and return 1; return 0 at the end; or return a negative
   code, which ends the operation and is returned by it. */
typedef int ssum_input_fn(void *user, struct ssum_input *input);

/* The result of one input. Valid only during the callback. */
struct ssum_result {
	size_t size;
	const char *path;                  /* as given, or NULL */
	void *item;                        /* as given */
	int error;                         /* 0, or a code as of ssum_hash_file() */
	uint64_t length;                   /* bytes hashed, holes included */
	size_t digest_count;               /* 0 with an error */
	const struct ssum_digest *digests; /* one for each algorithm, in the order of the options */
	unsigned changes; /* with SSUM_ERR_CHANGED: what was seen to move, enum ssum_change */
	/* 1: the times of the file prove nothing: they are in the future, by another system's
	   clock, or too coarse. It was read twice, and both readings gave the same bytes. */
	int read_twice;
};

/*
 * Called with each result, in the order of the inputs. Return 0, or non-zero to end the operation
 * with SSUM_ERR_CANCELLED. Every input is passed back exactly once, however the operation ends, so
 * that its item can be freed: inputs that were not hashed have the error SSUM_ERR_CANCELLED.
 */
typedef int ssum_result_fn(void *user, const struct ssum_result *result);

struct ssum_hash_options {
	size_t size;                   /* sizeof(struct ssum_hash_options) */
	const char *const *algorithms; /* names, then NULL; NULL instead of the array: sha1 */
	int any_source;         /* 1: also read FIFOs, sockets and character devices to their end */
	ssum_input_fn *input;   /* required */
	ssum_result_fn *result; /* required */
	void *user;             /* passed to both */
	/* Or NULL. Paths are names below this directory, as ssum_tree_next() returns them, and are
	   opened beneath it whatever happens to it meanwhile: not through symlinks
	   (SSUM_ERR_SYMLINK), not across mount points (SSUM_ERR_MOUNT_POINT), and only by plain
	   names (SSUM_ERR_NAME). Not together with any_source. */
	const char *directory;
};

/*
 * Hash many files in parallel. Each file is read once, even for several algorithms. Inputs are
 * requested as they can be used, so memory is bounded for any number of files. A file that fails
 * does not end the operation: its result has the error (-EBADF for a bad descriptor).
 *
 * Returns 0 after all results were reported; the code that input returned; SSUM_ERR_CANCELLED,
 * SSUM_ERR_OPTIONS, SSUM_ERR_ALGORITHM, SSUM_ERR_KERNEL, -errno of the directory, -ENOMEM, -EAGAIN
 * (no thread could be started).
 */
SSUM_API int ssum_hash_each(struct ssum_context *context, const struct ssum_hash_options *options);

/* ---- Extents ----------------------------------------------------------------------------- */

enum ssum_extent_kind { SSUM_DATA, SSUM_HOLE };

/* A range of a file of one kind. A hole reads as zeros; data may contain zeros too. */
struct ssum_extent {
	uint64_t offset;
	uint64_t length; /* never 0 */
	enum ssum_extent_kind kind;
};

/* Called with each extent. Return 0, or non-zero to end with SSUM_ERR_CANCELLED. */
typedef int ssum_extent_fn(void *user, const struct ssum_extent *extent);

/*
 * List the extents of a regular file or block device from 0 to its size; data and holes alternate.
 * If the context's policy is not to query the file system, the whole file is one extent of data.
 * Files whose size is unknown before they are read, as in /proc, have no extents. With
 * SSUM_HOLES_VERIFY the holes are read. Extents describe storage, not content: they may change at
 * any time.
 *
 * Errors: as ssum_hash_file(). Extents that were already passed to the callback are not retracted.
 */
SSUM_API int ssum_map_file(struct ssum_context *context, const char *path, ssum_extent_fn *extent,
			   void *user);

/* The same for an open file. The descriptor keeps its position. Errors: also -EBADF. */
SSUM_API int ssum_map_fd(struct ssum_context *context, int fd, ssum_extent_fn *extent, void *user);

/* A range of bytes of a file. */
struct ssum_range {
	uint64_t offset;
	uint64_t length; /* never 0 */
};

/* Called with each range. Return 0, or non-zero to end with SSUM_ERR_CANCELLED. */
typedef int ssum_range_fn(void *user, const struct ssum_range *range);

#ifdef __cplusplus
}
#endif

#endif
