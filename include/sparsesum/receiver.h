/* SPDX-License-Identifier: MIT */
/*
 * sparsesum: receive a file in pieces, in any order, and verify it while it arrives.
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
 * receiver takes pieces of any size in any order and writes them into the file. It judges each
 * segment (from one checkpoint to the next) as soon as it is complete, and lists what has to be
 * sent again. When every segment is good, the digest of the file is proven, and the file need not
 * be read again.
 *
 *     ssum_receiver_new(NULL, &options, &receiver);
 *     while (a packet arrives)
 *             ssum_receiver_write(receiver, packet.offset, packet.data, packet.length);
 *     ssum_receiver_missing(receiver, ask_for, NULL);
 *     ...
 *     if (ssum_receiver_finish(receiver) == SSUM_HOLDS) ...
 *
 * While the bytes of a segment arrive in order, they are hashed from memory. Bytes after a gap are
 * hashed from the file when the gap is filled. Without checkpoints the whole file is one segment.
 *
 * Offsets and lengths are in bytes. Functions return 0, or a negative code for ssum_strerror().
 *
 * Threads: several threads may call the functions of one receiver at the same time, except
 * ssum_receiver_free(). One thread at a time works on a segment, others wait for it; so threads
 * gain most with pieces of different segments. Nothing else may write to the file while it has a
 * receiver.
 *
 * Memory: 16 to 64 bytes for each piece after a gap, up to a limit (`pieces`, below), and 16 more
 * while the state is saved; up to 300 bytes for each segment of which a part has arrived, and 17
 * for every other one; a copy of the checkpoints; 64 KiB for each thread that writes, and 128 KiB
 * for each that reads. In total less than 100 MiB whatever arrives, also while the state is saved,
 * and little more than the checkpoints if it arrives in order. ssum_receiver_load() and
 * ssum_receiver_finish() may read several segments; they do that on as many threads as the context
 * says, with about 2 MiB for each.
 */
struct ssum_receiver;

struct ssum_checkpoints; /* sparsesum/package.h */

/*
 * Reports the verdict on a segment that is complete. SSUM_HOLDS: the segment is proven, and what
 * arrives for it from now on is ignored. SSUM_DIFFERS: something in it is damaged, and the whole
 * segment is missing again. (Or a checkpoint at one of its ends is wrong, which
 * ssum_receiver_finish() finds out.)
 *
 * It runs on the thread whose call made the verdict; so several calls may run at the same time if
 * several threads receive. No lock is held: it may call the functions of its receiver, except
 * ssum_receiver_free(). So a report may be older than what the receiver knows of its segment by
 * then: ssum_receiver_missing() lists what is missing now. If it returns other than 0, the call
 * that made the verdict returns SSUM_ERR_CANCELLED; the verdict remains valid.
 */
typedef int ssum_segment_fn(void *user, const struct ssum_range *segment, int verdict);

struct ssum_receiver_options {
	size_t size; /* sizeof(struct ssum_receiver_options) */
	/* A regular file that is open for reading and writing, without O_APPEND. It cannot be a
	   block device, which has no length to set, no holes, and no times that show a change. The
	   caller keeps it, and must not close it before the receiver is freed. Its position is not
	   used. */
	int fd;
	const char *algorithm; /* any; NULL: sha1 */
	/* Of the whole content, from a source that can be trusted. Copied. */
	const struct ssum_digest *digest;
	uint64_t length; /* of the content, at most 2^63-1 */
	/* Of this algorithm, digest and length; NULL: none. Copied; they need not be trusted. */
	const struct ssum_checkpoints *checkpoints;
	ssum_segment_fn *segment; /* or NULL */
	void *user;               /* the first argument of segment */
	size_t pieces;            /* most pieces that are remembered after gaps; 0: 1,048,576 */
	int read_again; /* 1: ssum_receiver_load() reads and judges the segments that were good */
	/* 1: ssum_receiver_write() looks for zeros. Of each 4096 bytes of the file, from a multiple
	   of 4096, the part in the piece is handled as by ssum_receiver_hole() if it is zeros. */
	uint64_t find_zeros;
};

/*
 * Begin to receive. Everything is missing at first, whatever the file holds. The file gets the
 * length of the content at once; no blocks are allocated before data arrive.
 *
 * context may be NULL: then the defaults apply. The receiver keeps the context, which must outlive
 * it. After ssum_cancel() the functions of the receiver return SSUM_ERR_CANCELLED, except
 * ssum_receiver_missing(), ssum_receiver_progress(), ssum_receiver_save() and ssum_receiver_free().
 * A receiver leaves no message in the context.
 *
 * On success the caller owns *receiver, and frees it before fd is closed. On failure *receiver is
 * NULL. Errors:
 *   SSUM_ERR_OPTIONS      no digest, a digest of another length than the algorithm's, or options of
 *                         a newer release
 *   SSUM_ERR_ALGORITHM    the algorithm is unknown
 *   SSUM_ERR_CHECKPOINTS  the checkpoints have another algorithm, digest or length
 *   SSUM_ERR_TOO_LONG     the algorithm cannot hash that many bytes
 *   SSUM_ERR_NOT_REGULAR  fd is not a regular file
 *   -EBADF                fd is not open for reading and writing, or is open with O_APPEND
 *   -EFBIG                the length is above 2^63-1, or the file system cannot have such a file
 *   -ENOMEM, another -errno of fstat or ftruncate
 */
SSUM_API int ssum_receiver_new(struct ssum_context *context,
			       const struct ssum_receiver_options *options,
			       struct ssum_receiver **receiver);

/*
 * Bytes of the content have arrived. When the call returns they are in the file, and each segment
 * that they complete was judged and reported. Bytes of a proven segment are not written. In other
 * segments the last arrival counts, also where pieces overlap. If too many pieces have arrived
 * after gaps, a piece is not remembered and stays missing. The data are copied, up to 64 KiB at a
 * time, before they are written and hashed. So if they change during the call, the verdict is on
 * what was written.
 *
 * Blocks while it writes, while it reads the file to hash it, and while another thread works on the
 * same segment. Returns 0, also if a segment was found to be damaged. Errors:
 *   -EINVAL             the range is not within the length, or data is NULL; nothing was written
 *   -errno of pwrite    -ENOSPC, -EIO and others; what was not written is missing, and up to 64 KiB
 *                       before it
 *   -errno of pread     the file could not be read to be hashed; that segment is missing
 *   SSUM_ERR_CHANGED    the file was truncated meanwhile; that segment is missing
 *   SSUM_ERR_CRYPTO     libcrypto failed; that segment is missing
 *   SSUM_ERR_CANCELLED  by the context, or by the callback
 *   -ENOMEM
 * Other bytes of the piece, before the error, have been received.
 */
SSUM_API int ssum_receiver_write(struct ssum_receiver *receiver, uint64_t offset, const void *data,
				 size_t length);

/*
 * Zeros of the content have arrived. If the file system supports holes, the range becomes or
 * remains a hole. Otherwise zeros are written over data in it. Apart from that, and from -errno of
 * fallocate, the result and the errors are those of ssum_receiver_write().
 */
SSUM_API int ssum_receiver_hole(struct ssum_receiver *receiver, uint64_t offset, uint64_t length);

/*
 * List the ranges to be sent: those that have not arrived, and damaged segments. The ranges are
 * ascending. Two of them touch only if a segment was found to be damaged meanwhile. missing runs on
 * this thread without a lock, and may call the functions of the receiver, except
 * ssum_receiver_free(). Other threads may go on receiving.
 *
 * Returns 0, or SSUM_ERR_CANCELLED if missing returned other than 0.
 */
SSUM_API int ssum_receiver_missing(struct ssum_receiver *receiver, ssum_range_fn *missing,
				   void *user);

/* Bytes of the content. The three add up to its length. */
struct ssum_received {
	size_t size;       /* sizeof(struct ssum_received), set by the caller */
	uint64_t good;     /* in proven segments */
	uint64_t received; /* arrived, in other segments */
	uint64_t missing;  /* to be sent: as ssum_receiver_missing() lists them */
};

/*
 * How much has arrived. It goes over all pieces that are remembered, so do not call it for each one
 * that arrives. Errors: SSUM_ERR_OPTIONS (received->size).
 */
SSUM_API int ssum_receiver_progress(struct ssum_receiver *receiver, struct ssum_received *received);

/*
 * Is the file right? If every segment is good, that is proven, and the answer is immediate. Else,
 * if every byte has arrived at least once, the file is read in one chain, from the first segment
 * that is not good to the end of the last one, to tell damaged data from wrong checkpoints.
 * Segments that are found to be right are reported. Other threads wait meanwhile. It may be called
 * at any time, and more than once.
 *
 * If the same segments are damaged again and again whatever arrives, the checkpoints belong to
 * other content. Then begin again without checkpoints.
 *
 * It does not flush the file. If the file has to survive a power failure, call fsync().
 *
 * Returns SSUM_HOLDS, or SSUM_DIFFERS: ssum_receiver_missing() lists what to send again. Errors:
 *   SSUM_ERR_INCOMPLETE  some bytes have never arrived
 *   SSUM_ERR_CHANGED     the file has another length
 *   SSUM_ERR_CRYPTO      libcrypto failed
 *   SSUM_ERR_CANCELLED   by the context, or by the callback
 *   -EAGAIN              no thread could be started
 *   -ENOMEM, -errno of fstat or pread
 */
SSUM_API int ssum_receiver_finish(struct ssum_receiver *receiver);

/*
 * Save what was received, to continue after a restart: which segments are good, and which bytes of
 * the others have arrived. The file is flushed with fsync() first. Then the state is written to a
 * temporary name beside path, flushed and renamed. Other threads may go on receiving; what arrives
 * meanwhile may be in the state or not. docs/receiver.md describes the format. Where the file
 * system has coarse times, this waits until a later write sets another time: 1 s on ext4 with
 * 128-byte inodes, 2 s on vfat, 4 s at most (docs/changes.md).
 *
 * Errors: -ENOMEM, SSUM_ERR_ALGORITHM or SSUM_ERR_CRYPTO (SHA-256 of libcrypto failed),
 * SSUM_ERR_NOT_REGULAR (path is a FIFO, socket or device), -errno of fsync, fstat, or of writing
 * the state. A state that was there before is kept, unless only the flush of the directory failed.
 */
SSUM_API int ssum_receiver_save(struct ssum_receiver *receiver, const char *path);

/*
 * Continue from a saved state, with the same digest, length and checkpoints. If the file is the one
 * that was saved (device, inode, size, modification and change time are equal), good segments are
 * good without being read; this trusts the state file and these times. If it is not, or if the
 * options say read_again, the segments that were good are read, judged and reported, and everything
 * else is missing. The file is not changed before the state was read to its end.
 *
 * *receiver is set before the first verdict is reported, so that the callback can use it. Segments
 * that are not judged yet are missing. If a piece arrives for one of them, what was read of it does
 * not count: no verdict is reported, and only the piece has arrived.
 *
 * On success the caller owns *receiver; on failure it is NULL. Errors: as ssum_receiver_new(), and
 *   SSUM_ERR_MALFORMED    path is not a state, or of another version of the format
 *   SSUM_ERR_STATE        a state of other content or other checkpoints
 *   SSUM_ERR_NOT_REGULAR  also if path is not a regular file
 *   SSUM_ERR_CHANGED      the file was cut while it was read
 *   SSUM_ERR_CRYPTO       libcrypto failed
 *   SSUM_ERR_CANCELLED    by the context, or by the callback
 *   -EAGAIN               no thread could be started
 *   -errno of reading path or the file
 * After an error, ssum_receiver_new() begins again from nothing.
 */
SSUM_API int ssum_receiver_load(struct ssum_context *context,
				const struct ssum_receiver_options *options, const char *path,
				struct ssum_receiver **receiver);

/* Free a receiver in any state. No other thread may be in one of its functions. The file stays as
   it is. NULL is allowed. */
SSUM_API void ssum_receiver_free(struct ssum_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
