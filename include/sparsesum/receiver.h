/* SPDX-License-Identifier: MIT */
/*
 * sparsesum: a file that arrives in pieces, in any order, and is proven while it arrives.
 */
#ifndef SPARSESUM_RECEIVER_H
#define SPARSESUM_RECEIVER_H

#include "../sparsesum.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Receiver ---------------------------------------------------------------------------- */

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
 *     if (ssum_receiver_finish(receiver) == SSUM_HOLDS) ...
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

struct ssum_checkpoints; /* sparsesum/package.h */

/*
 * Told the verdict on a segment, as soon as it is complete: SSUM_HOLDS, it is proven, and what
 * comes for it from now on is ignored; or SSUM_DIFFERS, something in it is damaged, and all of it
 * is missing again. (Or its checkpoints are wrong: ssum_receiver_finish() tells.)
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
 * Returns SSUM_HOLDS; SSUM_DIFFERS, and ssum_receiver_missing() has what to fetch;
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
