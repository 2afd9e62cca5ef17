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
 *     if (ssum_verify(NULL, "package", NULL, NULL) == SSUM_HOLDS) ...
 *
 * Contents
 *     Results and errors     what the functions return
 *     Context                threads, holes, progress, cancellation
 *     Algorithms, Digests    names, sizes, hexadecimal
 *     Streams                hashing of bytes as they come, and of runs of zeros
 *     Files                  one file, or many side by side
 *     Extents                where a file has data and where it has holes
 *     Directories                the entries below a directory
 *     Manifests              lines as sha1sum writes and reads them
 *     Checkpoints            a digest verified in parallel, in any order, from any point
 *     Explanations           why a digest does not match
 *     Packages               create and verify a directory with its manifests
 *     Listings               verify a directory against what other formats list
 *     Comparison             two files or two directories, by logical content
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

#define SSUM_VERSION "0.2.0"

/* The version of the library that is running, as SSUM_VERSION. */
SSUM_API const char *ssum_version(void);

/* ---- Results and errors ------------------------------------------------------------------ */

/*
 * Every function returns 0 or a negative code: -errno, or one of enum ssum_error. A mismatch is not
 * an error: functions that judge content return SSUM_HOLDS (0) or SSUM_DIFFERS (1), and a negative
 * code only if the question could not be decided. So 0 is the only value that means "verified".
 */
enum ssum_verdict {
	SSUM_HOLDS,      /* as listed; the same; the digest is the expected one */
	SSUM_DIFFERS,    /* proven to be other than that: content, target or type */
	SSUM_MISSING,    /* listed, and not there */
	SSUM_EXTRA,      /* there, and not listed */
	SSUM_UNREADABLE, /* could not be read, or is of a kind that is not read */
	SSUM_CHANGED,    /* changed while it was being read */
	SSUM_FALSE_HOLE, /* the file system reported a hole where there is data */
	SSUM_BAD_LINE    /* a line of a manifest, or the name in it, cannot be accepted */
};

#define SSUM_VERDICT_COUNT 8

/* "holds", "differs", "missing", "extra", "unreadable", "changed", "false hole", "bad line".
   Never NULL, valid for ever. */
SSUM_API const char *ssum_verdict_name(enum ssum_verdict verdict);

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
	/* The directory has no manifest of a known algorithm. */
	SSUM_ERR_NO_MANIFEST = -10008,
	/* A manifest lists nothing, or a directory holds nothing to list. */
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

/* ---- Context ----------------------------------------------------------------------------- */

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
 * raw bytes, as the caller gave them; one in a package stands behind the directory of that, and ''
 * is the empty one. Valid until the next call on the context.
 */
SSUM_API const char *ssum_message(const struct ssum_context *context);

/* ---- Algorithms -------------------------------------------------------------------------- */

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

/* ---- Digests ----------------------------------------------------------------------------- */

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

/* ---- Streams ----------------------------------------------------------------------------- */

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

/* ---- Files ------------------------------------------------------------------------------- */

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
	/* Or NULL: every path is of a regular file below this directory, as a tree gives it, and is
	   opened there as in a package: through no link (SSUM_ERR_SYMLINK), onto no other mount
	   (SSUM_ERR_MOUNT_POINT), under no other name than a plain one (SSUM_ERR_NAME), whoever
	   changes the directory meanwhile. Not together with any_source. */
	const char *directory;
};

/*
 * Hash many files side by side: each is read once, whatever the number of algorithms. Inputs are
 * asked for as there is room, so memory is bounded however many there are. A failing file, or a
 * descriptor that is none (-EBADF), is told in its result and does not end the operation.
 *
 * Returns 0 when every input was reported, else SSUM_ERR_CANCELLED, the code that input returned,
 * SSUM_ERR_OPTIONS, SSUM_ERR_ALGORITHM, -errno of directory, -ENOMEM or -EAGAIN (no thread could be
 * started).
 */
SSUM_API int ssum_hash_each(struct ssum_context *context, const struct ssum_hash_options *options);

/* ---- Extents ----------------------------------------------------------------------------- */

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

/* Some bytes of a file. */
struct ssum_range {
	uint64_t offset;
	uint64_t length; /* never 0 */
};

/* Told a range of bytes. A return of other than 0 ends the operation with SSUM_ERR_CANCELLED. */
typedef int ssum_range_fn(void *user, const struct ssum_range *range);

#ifdef __cplusplus
}
#endif

#endif
