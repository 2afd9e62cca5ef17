/* SPDX-License-Identifier: MIT */
/*
 * A file is hashed while a writer changes it, on each file system that tests/system/filesystems can
 * mount: six kinds of changes, each at eight moments of the reading. The result is the digest of a
 * content that the file had as a whole, or "changed"; and verify does not report that a package
 * holds whose manifest lists another content. The contents are computed here in memory.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define SIZE ((size_t)768 * 1024)
#define EARLY 100           /* the first change is here; it is read first */
#define LATE (SIZE - 70000) /* the second one is here or before; it is read last */
#define HOLE ((size_t)65536)

/* ---- File systems ---- */

struct place {
	char name[64], read[256], written[256]; /* directories */
};

#define PLACES 32
static struct place places[PLACES];
static int place_count;
static char absent[PLACES][1000]; /* names and reasons */
static int absent_count;
static char mounts[200];

static FILE *places_command(const char *word)
{
	char command[300];

	snprintf(command, sizeof(command), "sh tests/system/filesystems %s %s 2>&1", word, mounts);
	return popen(command, "r");
}

/* Mount the file systems. */
static void places_mount(void)
{
	const char *directory = getenv("TMPDIR");
	char line[1000];

	snprintf(mounts, sizeof(mounts), "%s/writers-XXXXXX", directory ? directory : "/tmp");
	FILE *output = mkdtemp(mounts) ? places_command("more") : NULL;
	while (output && fgets(line, sizeof(line), output) && place_count < PLACES) {
		struct place *place = &places[place_count];

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			snprintf(absent[absent_count++ % PLACES], sizeof(absent[0]), "%s",
				 line + 2);
		else if (sscanf(line, "%63s %255s %255s", place->name, place->read,
				place->written) == 3)
			place_count++;
	}
	if (output)
		pclose(output);
}

static void places_unmount(void)
{
	FILE *output = places_command("less");

	if (output)
		pclose(output);
}

/* ---- The file and its contents ---- */

static int fd;
static unsigned char *mapping;
static unsigned char content[3][SIZE + 100];
static size_t length[3];
static struct ssum_digest digests[3]; /* before, between and after the two changes */
static struct ssum_digest never;      /* the old beginning with the new end */

static void put(const void *data, size_t count, size_t offset)
{
	ck_assert_int_eq(pwrite(fd, data, count, (off_t)offset), (ssize_t)count);
}

static int early_write(void)
{
	put("early", 5, EARLY);
	return 0;
}

static int late_write(void)
{
	put("late", 4, LATE);
	return 0;
}

static int early_store(void)
{
	memcpy(mapping + EARLY, "early", 5);
	return 0;
}

static int late_store(void)
{
	memcpy(mapping + LATE, "late", 4);
	return 0;
}

/* The mapping has the page already, but not for writing. */
static int early_store_after_read(void)
{
	return mapping[EARLY] == 'e' ? 1 : early_store();
}

static int late_truncate(void)
{
	return ftruncate(fd, LATE);
}

static int late_punch(void)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, LATE - HOLE, HOLE);
}

static int late_collapse(void)
{
	return fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, SIZE - 4 * HOLE, HOLE);
}

static const struct change {
	const char *name;
	int (*early)(void), (*late)(void);
} changes[] = {
	{"pwrite", early_write, late_write},
	{"mmap store", early_store, late_store},
	{"mmap store after a read", early_store_after_read, late_store},
	{"truncate", early_write, late_truncate},
	{"punch", early_write, late_punch},
	{"collapse", early_write, late_collapse},
};
#define CHANGES ((int)ARRAY_SIZE(changes))

static void contents_make(const struct change *change)
{
	static unsigned char mixed[sizeof(content[0])];
	uint64_t seed = 3;

	fill_random(content[0], SIZE, &seed);
	memcpy(content[1], content[0], SIZE);
	memcpy(content[1] + EARLY, "early", 5);
	memcpy(content[2], content[1], SIZE);
	length[0] = length[1] = length[2] = SIZE;
	if (change->late == late_truncate) {
		length[2] = LATE;
	} else if (change->late == late_punch) {
		memset(content[2] + LATE - HOLE, 0, HOLE);
	} else if (change->late == late_collapse) {
		memmove(content[2] + SIZE - 4 * HOLE, content[2] + SIZE - 3 * HOLE, 3 * HOLE);
		length[2] -= HOLE;
	} else {
		memcpy(content[2] + LATE, "late", 4);
	}
	for (size_t i = 0; i < 3; i++)
		digests[i] = oracle_of_bytes("sha1", content[i], length[i]);
	memcpy(mixed, content[2], length[2]);
	memcpy(mixed, content[0], HOLE);
	never = oracle_of_bytes("sha1", mixed, length[2]);
}

/* ---- Moments ---- */

/* When the two changes are made: before the hashing, before or after a number of reads (counted
   from 1), or after the read that reaches the end. */
enum { BEFORE = 0, LAST = 100 };
static const struct moment {
	const char *name;
	int early, late;
} moments[] = {
	{"both after the first read", 1, 1},
	{"the first after the first read, the second after the last", 1, LAST},
	{"both after the last read", LAST, LAST},
	{"the first before the hashing, the second after the first read", BEFORE, 1},
	{"both before the hashing", BEFORE, BEFORE},
	{"the first after the first read, the second after the third", 1, 3},
	{"both after the third read", 3, 3},
	{"the first before the hashing, the second after the last read", BEFORE, LAST},
};
#define MOMENTS ((int)ARRAY_SIZE(moments))

static const struct change *change;
static const struct moment *moment;
static atomic_int reads;
static atomic_int changes_made;
static bool is_hashing;

static void change_at(int now)
{
	if (moment->early == now && atomic_load(&changes_made) == 0) {
		ck_assert(!change->early());
		atomic_store(&changes_made, 1);
	}
	if (moment->late == now && atomic_load(&changes_made) == 1) {
		ck_assert(!change->late());
		atomic_store(&changes_made, 2);
	}
}

static void after_read(int file, ssize_t got, off_t offset)
{
	char link[32], path[600] = "";

	if (!is_hashing || got < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	if (readlink(link, path, sizeof(path) - 1) < 0 || !strstr(path, "/target"))
		return;
	change_at(atomic_fetch_add(&reads, 1) + 1);
	if ((size_t)(offset + got) >= SIZE)
		change_at(LAST);
}

/* The functions of this program replace those of the C library. */
ssize_t pread(int file, void *buffer, size_t count, off_t offset)
{
	ssize_t (*next)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread");
	ssize_t got = next(file, buffer, count, offset);

	after_read(file, got, offset);
	return got;
}

/* Called for files on rotational disks. */
ssize_t preadv2(int file, const struct iovec *buffers, int count, off_t offset, int flags)
{
	ssize_t (*next)(int, const struct iovec *, int, off_t, int) = dlsym(RTLD_NEXT, "preadv2");
	ssize_t got = next(file, buffers, count, offset, flags);

	after_read(file, got, offset);
	return got;
}

/* ---- The matrix ---- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char *package, *read_path, *written_path, *manifest_path;

/* The file, and a manifest that lists a content that the file never has. */
static void file_make(const struct place *place)
{
	char *written = path_in(place->written, "package"), hex[SSUM_HEX_MAX], line[200];

	package = path_in(place->read, "package");
	read_path = path_in(package, "target");
	written_path = path_in(written, "target");
	manifest_path = path_in(written, "SHA1SUMS");
	ck_assert(!mkdir(written, 0755));
	fd = open(written_path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	ck_assert_msg(fd >= 0, "%s: %s", written_path, strerror(errno));
	put(content[0], SIZE, 0);
	ck_assert(!fsync(fd));
	ssum_digest_hex(&never, hex);
	snprintf(line, sizeof(line), "%s  target\n", hex);
	write_text(manifest_path, line);
	free(written);
	mapping = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapping != MAP_FAILED && change->early == early_store_after_read)
		for (size_t i = 0; i < SIZE; i += 4096)
			ck_assert_uint_eq(mapping[i], content[0][i]);
}

static void file_remove(void)
{
	if (mapping != MAP_FAILED)
		munmap(mapping, SIZE);
	close(fd);
	unlink(written_path);
	unlink(manifest_path);
	*strrchr(written_path, '/') = '\0';
	ck_assert(!rmdir(written_path));
	free(package);
	free(read_path);
	free(written_path);
	free(manifest_path);
}

/* Whether the file system can make this change. */
static bool place_can(const struct place *place)
{
	file_make(place);
	bool can = (mapping != MAP_FAILED || change->late != late_store) && !change->early() &&
		   !change->late();
	file_remove();
	return can;
}

static struct ssum_digest digest;

static int hash(struct ssum_context *context)
{
	return ssum_hash_file(context, read_path, "sha1", &digest);
}

static int verify(struct ssum_context *context)
{
	return ssum_verify(context, package, NULL, NULL);
}

/* Run a function while the file is changed. False if the function ended before both changes were
   made. */
static bool run_once(const struct place *place, int (*function)(struct ssum_context *), int *rc)
{
	const struct ssum_options options = {.size = sizeof(options), .tries = 1, .threads = 1};
	struct ssum_context *context;

	assert_ok(ssum_context_new(&options, &context));
	file_make(place);
	atomic_store(&reads, 0);
	atomic_store(&changes_made, 0);
	change_at(BEFORE);
	is_hashing = true;
	*rc = function(context);
	is_hashing = false;
	file_remove();
	ssum_context_free(context);
	return atomic_load(&changes_made) == 2;
}

/* Stores that change no time: into pages of tmpfs that the mapping has for reading. */
static bool is_undetectable(const struct place *place)
{
	return change->early == early_store_after_read && !strcmp(place->name, "tmpfs");
}

#define BUDGET 0.5 /* seconds for a change on a file system, unless the test is long */

/* Run a function at each moment; `is_wrong` judges its result. */
static void at_each_moment(const char *test, int loop, int (*function)(struct ssum_context *),
			   bool (*is_wrong)(int rc))
{
	const struct place *place = &places[loop / CHANGES];
	unsigned cases = 0, complete = 0, wrong = 0;
	double began = seconds();

	change = &changes[loop % CHANGES];
	contents_make(change);
	if (!place_can(place)) {
		note_skip(test, "%s cannot %s", place->name, change->name);
		return;
	}
	for (int i = 0; i < MOMENTS && (test_is_long() || seconds() - began < BUDGET); i++) {
		int rc;

		moment = &moments[i];
		complete += run_once(place, function, &rc);
		cases++;
		if (is_wrong(rc)) {
			fprintf(stderr, "%s, %s, %s: %s\n", place->name, change->name, moment->name,
				rc ? ssum_strerror(rc) : "a content that never was");
			wrong++;
		}
	}
	if (getenv("TEST_VERBOSE"))
		fprintf(stderr, "%-18s %-12s %u cases, %u wrong, %.1f s\n", place->name,
			change->name, cases, wrong, seconds() - began);
	ck_assert_msg(complete * 2 > cases, "%s, %s: only %u of %u readings came to the moment",
		      place->name, change->name, complete, cases);
	ck_assert_msg(!wrong || is_undetectable(place), "%s, %s: %u of %u results are wrong",
		      place->name, change->name, wrong, cases);
	note_tried(17, test, cases);
	if (strstr("ext4-inode128 ext2 vfat exfat", place->name))
		note_tried(41, test, cases);
	if (!strncmp(place->name, "bindfs", 6) || !strncmp(place->name, "nfs", 3))
		note_tried(43, test, cases);
	if (change->late == late_truncate || change->late == late_punch ||
	    change->late == late_collapse)
		note_tried(52, test, cases);
}

static bool digest_is_wrong(int rc)
{
	bool known = false;

	for (size_t i = 0; i < 3; i++)
		known |= ssum_digest_equal(&digest, &digests[i]);
	return rc == 0 ? !known : rc != SSUM_ERR_CHANGED;
}

START_TEST(digest_is_of_a_whole_content)
{
	at_each_moment(__func__, _i, hash, digest_is_wrong);
}
END_TEST

static bool verdict_is_wrong(int rc)
{
	return rc != SSUM_DIFFERS && rc != SSUM_ERR_UNDECIDED;
}

/* All changes if the test is long, else the first one on each file system. */
START_TEST(verify_does_not_hold)
{
	at_each_moment(__func__, test_is_long() ? _i : _i * CHANGES, verify, verdict_is_wrong);
}
END_TEST

/* One loop for each file system that could not be mounted. */
START_TEST(other_file_systems)
{
	skip("%s", absent[_i]);
}
END_TEST

int main(void)
{
	places_mount();
	const struct test tests[] = {
		{digest_is_of_a_whole_content, place_count * CHANGES},
		{verify_does_not_hold, test_is_long() ? place_count * CHANGES : place_count},
		{other_file_systems, absent_count},
	};
	/* 0 loops would be one. */
	int status = !place_count   ? run_suite("writers", tests + 2, 1)
		     : absent_count ? run_suite("writers", tests, 3)
				    : run_suite("writers", tests, 2);
	places_unmount();
	return status;
}
