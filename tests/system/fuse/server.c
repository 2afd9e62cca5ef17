/* SPDX-License-Identifier: MIT */
/*
 * A file system with one wrong answer: `server ANSWER MOUNTPOINT FILE` serves FILE below MOUNTPOINT
 * as "file", and as "other" (and "file.x", where it is listed) without the wrong answer. `server`
 * without arguments lists the wrong answers. The server runs in the foreground until it is
 * unmounted.
 */
#define FUSE_USE_VERSION 312
#include "wrong_answers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <fuse_lowlevel.h>

enum { ROOT = FUSE_ROOT_ID, SUBJECT, OTHER, PIPE, LINK, ENDLESS };

static const char other_text[] = "all of this is true\n";
static const struct wrong_answer *wrong;
static struct subject subject;

/* ---- The content ---- */

static void stat_of(fuse_ino_t node, struct stat *st)
{
	*st = (struct stat){.st_ino = node,
			    .st_mode = S_IFREG | 0644,
			    .st_nlink = 1,
			    .st_mtim.tv_sec = 1000000000,
			    .st_ctim.tv_sec = 1000000000};
	if (node == ROOT) {
		st->st_mode = S_IFDIR | 0755;
		st->st_nlink = 2;
	} else if (node == SUBJECT) {
		st->st_size = subject.size;
		st->st_blocks = (subject.size + 511) / 512;
		if (wrong->stat)
			wrong->stat(&subject, st);
	} else if (node == OTHER) {
		st->st_size = sizeof(other_text) - 1;
		st->st_blocks = 1;
	} else if (node == PIPE) {
		st->st_mode = S_IFIFO | 0644;
	} else if (node == LINK) {
		st->st_mode = S_IFLNK | 0777;
	}
}

static fuse_ino_t node_named(const char *name)
{
	if (!strcmp(name, "file"))
		return SUBJECT;
	if (!strcmp(name, "other") || !strcmp(name, "file.x"))
		return OTHER;
	if (!strcmp(name, "pipe"))
		return PIPE;
	if (!strcmp(name, "link"))
		return LINK;
	return strncmp(name, "endless", strlen("endless")) ? 0 : ENDLESS;
}

/* The kernel caches no attributes, so it requests them each time. */
static void on_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.ino = node_named(name)};

	if (parent != ROOT || !entry.ino) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	stat_of(entry.ino, &entry.attr);
	fuse_reply_entry(request, &entry);
}

static void on_getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info)
{
	struct stat st;

	(void)info;
	stat_of(node, &st);
	fuse_reply_attr(request, &st, 0);
}

static void on_readlink(fuse_req_t request, fuse_ino_t node)
{
	(void)node;
	fuse_reply_readlink(request, "/etc/passwd");
}

/* ---- Directories ---- */

static const struct entry true_entries[] = {{"file", S_IFREG}, {"other", S_IFREG}, {NULL, 0}};

static void on_readdir(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
		       struct fuse_file_info *info)
{
	const struct entry *entries = wrong->entries ? wrong->entries : true_entries;
	char buffer[4096], name[32];
	size_t used = 0;

	(void)info;
	size = size < sizeof(buffer) ? size : sizeof(buffer);
	for (;; offset++) {
		struct stat st = {.st_ino = (ino_t)(100 + offset), .st_mode = S_IFREG};

		if (node != ROOT || (!wrong->endless && !entries[offset].name))
			break;
		snprintf(name, sizeof(name), "endless%ld", (long)offset);
		if (!wrong->endless)
			st.st_mode = entries[offset].type;
		if (st.st_mode == FAILS) {
			if (!used) {
				fuse_reply_err(request, EIO);
				return;
			}
			break;
		}
		size_t room = fuse_add_direntry(request, buffer + used, size - used,
						wrong->endless ? name : entries[offset].name, &st,
						offset + 1);
		if (room > size - used)
			break;
		used += room;
	}
	fuse_reply_buf(request, buffer, used);
}

/* ---- Files ---- */

static void on_open(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *info)
{
	if (node == SUBJECT && wrong->opens_never) {
		fuse_reply_err(request, EINTR);
		return;
	}
	info->direct_io = node == SUBJECT && (wrong->read || wrong->stat);
	fuse_reply_open(request, info);
}

static void read_other(fuse_req_t request, size_t size, off_t offset)
{
	size_t end = sizeof(other_text) - 1, at = (size_t)offset < end ? (size_t)offset : end;

	fuse_reply_buf(request, other_text + at, size < end - at ? size : end - at);
}

static void on_read(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
		    struct fuse_file_info *info)
{
	char *buffer;
	ssize_t n;

	(void)info;
	if (node != SUBJECT) {
		read_other(request, size, node == OTHER ? offset : (off_t)sizeof(other_text));
		return;
	}
	buffer = malloc(size + 1);
	n = !buffer       ? -ENOMEM
	    : wrong->read ? wrong->read(&subject, buffer, size, offset)
			  : pread(subject.fd, buffer, size, offset);
	if (n < 0)
		fuse_reply_err(request, (int)-n);
	else
		fuse_reply_buf(request, buffer, (size_t)n);
	free(buffer);
}

static void on_lseek(fuse_req_t request, fuse_ino_t node, off_t offset, int whence,
		     struct fuse_file_info *info)
{
	off_t answer;

	(void)info;
	if (node != SUBJECT)
		answer = whence == SEEK_DATA ? offset : (off_t)sizeof(other_text) - 1;
	else if (wrong->seek)
		answer = wrong->seek(&subject, offset, whence);
	else
		answer = true_seek(&subject, offset, whence);
	if (answer < 0 && answer > -4096)
		fuse_reply_err(request, (int)-answer);
	else
		fuse_reply_lseek(request, answer);
}

static const struct fuse_lowlevel_ops operations = {
	.lookup = on_lookup,
	.getattr = on_getattr,
	.readlink = on_readlink,
	.readdir = on_readdir,
	.open = on_open,
	.read = on_read,
	.lseek = on_lseek,
};

static int serve(const char *mountpoint)
{
	char name[] = "server", *arguments[] = {name, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(1, arguments);
	struct fuse_session *session =
		fuse_session_new(&args, &operations, sizeof(operations), NULL);
	int rc = 1;

	if (session && !fuse_set_signal_handlers(session)) {
		if (!fuse_session_mount(session, mountpoint)) {
			rc = fuse_session_loop(session);
			fuse_session_unmount(session);
		}
		fuse_remove_signal_handlers(session);
	}
	if (session)
		fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	return rc ? 1 : 0;
}

int main(int count, char **arguments)
{
	struct stat st;

	if (count == 1) {
		for (wrong = wrong_answers; wrong->name; wrong++)
			puts(wrong->name);
		return 0;
	}
	for (wrong = wrong_answers; count == 4 && wrong->name && strcmp(wrong->name, arguments[1]);
	     wrong++)
		;
	if (count != 4 || !wrong->name) {
		fprintf(stderr, "usage: server ANSWER MOUNTPOINT FILE; without arguments it lists "
				"the wrong answers\n");
		return 2;
	}
	subject.fd = open(arguments[3], O_RDONLY);
	if (subject.fd < 0 || fstat(subject.fd, &st)) {
		fprintf(stderr, "server: %s: %s\n", arguments[3], strerror(errno));
		return 2;
	}
	subject.size = st.st_size;
	return serve(arguments[2]);
}
