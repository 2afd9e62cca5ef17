/* SPDX-License-Identifier: MIT */
/*
 * A file that changes at a chosen moment of a reading: before each single call that the library
 * makes to open it, look at it, ask for its holes and read it. Those calls of this program stand
 * before the C library's.
 *
 * Each writer changes the first byte and then something behind it, so that a reading that met both
 * the old and the new file comes to a content that there never was.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

/* ---- The calls ---- */

#define MOMENTS_MAX 400

static void (*at_moment)(unsigned moment); /* or NULL: nothing is counted */
static atomic_uint moments;
static char trace[MOMENTS_MAX + 1]; /* o open, f fstat, l lseek, r pread */
static _Thread_local bool is_inside;

static void pass_moment(char kind)
{
	if (!at_moment || is_inside)
		return;
	unsigned moment = atomic_fetch_add(&moments, 1);

	if (moment < MOMENTS_MAX)
		trace[moment] = kind;
	is_inside = true;
	at_moment(moment);
	is_inside = false;
}

static struct stat victim; /* only what is done to this file counts */

static bool is_victim(int fd)
{
	struct stat st;

	return at_moment && !is_inside && !fstatat(fd, "", &st, AT_EMPTY_PATH) &&
	       st.st_ino == victim.st_ino && st.st_dev == victim.st_dev;
}

static bool names_victim(const char *path)
{
	size_t length = strlen(path);

	return length >= 6 && !strcmp(path + length - 6, "victim");
}

/* The next definition of a function, after that of this program. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, NEXT_NAME(name)))
#define NEXT_NAME(name) (sizeof(off_t) > sizeof(long) ? #name "64" : #name)

ssize_t pread(int fd, void *buffer, size_t length, off_t offset)
{
	if (is_victim(fd))
		pass_moment('r');
	return NEXT(pread)(fd, buffer, length, offset);
}

/* From disks that rotate. */
ssize_t preadv2(int fd, const struct iovec *buffers, int count, off_t offset, int flags)
{
	if (is_victim(fd))
		pass_moment('r');
	return NEXT(preadv2)(fd, buffers, count, offset, flags);
}

off_t lseek(int fd, off_t offset, int whence)
{
	if (is_victim(fd))
		pass_moment('l');
	return NEXT(lseek)(fd, offset, whence);
}

int fstat(int fd, struct stat *st)
{
	if (is_victim(fd))
		pass_moment('f');
	return fstatat(fd, "", st, AT_EMPTY_PATH);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (names_victim(path))
		pass_moment('o');
	return NEXT(open)(path, flags, mode);
}

long syscall(long number, ...)
{
	va_list arguments;
	long a[4];

	va_start(arguments, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_openat2 && names_victim((const char *)a[1]))
		pass_moment('o');
	return NEXT(syscall)(number, a[0], a[1], a[2], a[3]);
}

/* ---- The file ---- */

#define SIZE (640 * 1024)
#define FIRST 7              /* the byte that says how old the file is */
#define HOLE_AT (256 * 1024) /* up to the middle of its 128 KiB */
#define PUNCH_AT (448 * 1024)
#define INTERVAL 65536

static char *folder;
static unsigned char content[SIZE + 100], other[SIZE];

static void make_contents(void)
{
	uint64_t seed = 11;

	fill_random(content, sizeof(content), &seed);
	fill_random(other, sizeof(other), &seed);
	memset(content + HOLE_AT, 0, 128 * 1024);
	content[FIRST] = 'a';
}

static void make_victim(const char *path)
{
	unlink(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	ck_assert(fd >= 0 && !ftruncate(fd, SIZE));
	ck_assert_int_eq(pwrite(fd, content, HOLE_AT, 0), HOLE_AT);
	size_t behind = HOLE_AT + 128 * 1024;
	ck_assert_int_eq(pwrite(fd, content + behind, SIZE - behind, (off_t)behind),
			 (ssize_t)(SIZE - behind));
	ck_assert(!fstatat(fd, "", &victim, AT_EMPTY_PATH));
	close(fd);
}

/* ---- The writers ---- */

static int fd = -1; /* of the victim */
static const char *victim_path;

static void put(const void *data, size_t length, off_t offset)
{
	ck_assert_int_eq(pwrite(fd, data, length, offset), (ssize_t)length);
}

static void first(void)
{
	put("b", 1, FIRST);
}

static void grow(void)
{
	put("more than there was", 19, SIZE);
}

static void shrink(void)
{
	ck_assert(!ftruncate(fd, SIZE - 5000));
}

static void shrink_to_nothing(void)
{
	ck_assert(!ftruncate(fd, 0));
}

static void punch(void)
{
	ck_assert(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PUNCH_AT, 65536));
}

static void fill(void)
{
	put("no hole", 7, HOLE_AT + 60000);
}

static void rewrite(void)
{
	put("rewritten", 9, SIZE - 100);
}

static void replace(void)
{
	char *path;

	ck_assert(asprintf(&path, "%s-new", victim_path) > 0);
	write_file(path, other, sizeof(other));
	ck_assert(!rename(path, victim_path));
	free(path);
}

static void touch(void)
{
	ck_assert(!futimens(fd, NULL));
}

static void change_mode(void)
{
	ck_assert(!fchmod(fd, 0600));
}

/* The whole content again, but for the first byte and one of the last. */
static void write_back(void)
{
	static unsigned char again[SIZE];

	memcpy(again, content, SIZE);
	again[FIRST] = 'b';
	again[SIZE - 100] ^= 1;
	put(again, SIZE, 0);
}

static void set_time_back(void)
{
	ck_assert(!futimens(fd, (struct timespec[]){victim.st_atim, victim.st_mtim}));
}

#define STEPS 3

static const struct writer {
	const char *name;
	void (*steps[STEPS])(void);
	bool keeps_content;
} writers[] = {
	{"grow", {first, grow}, false},
	{"shrink", {first, shrink}, false},
	{"shrink to nothing", {first, shrink_to_nothing}, false},
	{"punch", {first, punch}, false},
	{"fill a hole", {first, fill}, false},
	{"rewrite in place", {first, rewrite}, false},
	{"rewrite and set the time back", {first, rewrite, set_time_back}, false},
	{"replace by rename", {replace}, false},
	{"touch", {touch}, true},
	{"chmod", {change_mode}, true},
	{"truncate, write back, set the time back",
	 {shrink_to_nothing, write_back, set_time_back},
	 false},
};

/* The steps of a writer, from one up to another. */
static void write_steps(const struct writer *writer, size_t from, size_t to)
{
	for (size_t i = from; i < to && writer->steps[i]; i++)
		writer->steps[i]();
}

static void open_victim(const char *path)
{
	victim_path = path;
	is_inside = true;
	fd = open(path, O_RDWR | O_CLOEXEC);
	is_inside = false;
	ck_assert_int_ge(fd, 0);
}

/* ---- What the file holds, step by step ---- */

struct state {
	unsigned char *content;
	size_t length;
	struct ssum_digest sha1, sha256;
};

static struct state states[STEPS + 1];
static size_t state_count;
static struct state torn; /* the last one with the first byte of the first: it never was there */

static void state_of(struct state *state, unsigned char *data, size_t length)
{
	state->content = data;
	state->length = length;
	state->sha1 = oracle_of_bytes("sha1", data, length);
	state->sha256 = oracle_of_bytes("sha256", data, length);
}

static void note_state(const char *path)
{
	struct state *state = &states[state_count++];
	size_t length;
	unsigned char *data = (unsigned char *)read_file(path, &length);

	state_of(state, data, length);
}

static void learn_states(const struct writer *writer)
{
	make_victim("dry-run");
	open_victim("dry-run");
	note_state("dry-run");
	for (size_t i = 0; i < STEPS && writer->steps[i]; i++) {
		writer->steps[i]();
		note_state("dry-run");
	}
	close(fd);

	const struct state *last = &states[state_count - 1];
	unsigned char *copy = malloc(last->length + FIRST + 1);
	memcpy(copy, last->content, last->length);
	copy[FIRST] = states[0].content[FIRST];
	state_of(&torn, copy, last->length ? last->length : FIRST + 1);
}

static void forget_states(void)
{
	for (size_t i = 0; i < state_count; i++)
		free(states[i].content);
	free(torn.content);
	state_count = 0;
}

/* The number of the state that has the digest; fails the test if there is none. */
static size_t state_with(const struct ssum_digest *digest, const char *what, unsigned moment)
{
	for (size_t i = 0; i < state_count; i++)
		if (ssum_digest_equal(digest, &states[i].sha1) ||
		    ssum_digest_equal(digest, &states[i].sha256))
			return i;
	ck_abort_msg("%s before call %u of %s: a digest of what never was", what, moment, trace);
}

/* ---- The operations ---- */

static struct ssum_context *context;

static void new_context(unsigned tries, unsigned threads)
{
	const struct ssum_options options = {
		.size = sizeof(options), .tries = tries, .threads = threads};

	assert_ok(ssum_context_new(&options, &context));
}

static const struct writer *writer; /* at work */
static unsigned when, when_last;    /* it writes; its last step, where that is apart */
static atomic_bool has_written;

static void write_then(unsigned moment)
{
	size_t half = when_last > when ? 1 : STEPS;

	if (moment == when)
		write_steps(writer, 0, half);
	if (moment == when_last && half < STEPS)
		write_steps(writer, half, STEPS);
	if (moment == when)
		atomic_store(&has_written, true);
}

/* Begin to count, with a victim as at first. */
static void begin(const char *path, unsigned moment, unsigned last)
{
	make_victim(path);
	open_victim(path);
	when = moment;
	when_last = last;
	atomic_store(&has_written, false);
	memset(trace, 0, sizeof(trace));
	atomic_store(&moments, 0);
	at_moment = write_then;
}

/* No more calls: what has not been written by now was to be written after the last one. */
static bool end(void)
{
	at_moment = NULL;
	close(fd);
	return atomic_load(&has_written);
}

/* Try a writer at each moment. A function runs one reading, and judges it. */
typedef void reading_fn(unsigned moment);

static unsigned at_each_moment(reading_fn *reading, const char *path)
{
	unsigned moment = 0;

	do {
		begin(path, moment, 0);
		reading(moment);
		ck_assert_uint_lt(moment, MOMENTS_MAX);
		moment++;
	} while (end());
	return moment;
}

/* ---- One file is hashed ---- */

static int hash_rc;

static void hash(unsigned moment)
{
	struct ssum_digest digest;

	hash_rc = ssum_hash_file(context, "victim", "sha1", &digest);
	if (hash_rc != SSUM_ERR_CHANGED) {
		assert_ok(hash_rc);
		state_with(&digest, writer->name, moment);
	}
}

/* With three tries and one change there is a digest in the end. */
static void hash_surely(unsigned moment)
{
	hash(moment);
	assert_ok(hash_rc);
}

/* The eight moments of a reading are among those that are tried. */
static void assert_trace(void)
{
	const char *opened = strchr(trace, 'o'), *looked = opened ? strchr(opened, 'f') : NULL;
	const char *mapped = looked ? strchr(looked, 'l') : NULL;
	const char *read = mapped ? strchr(mapped, 'r') : NULL, *last = strrchr(trace, 'r');

	ck_assert_msg(read && last > read + 1 && strchr(last, 'f'), "the calls were %s", trace);
	ck_assert_msg(strcspn(read + 1, "r") + 1 < (size_t)(last - read), "only two reads: %s",
		      trace);
}

static void enter(size_t number)
{
	folder = scratch_new(&file_systems[0]);
	if (!folder)
		folder = scratch_here();
	ck_assert(!chdir(folder));
	make_contents();
	writer = &writers[number];
	learn_states(writer);
}

static void leave(void)
{
	ssum_context_free(context);
	forget_states();
	ck_assert(!chdir("/"));
	scratch_remove(folder);
}

START_TEST(hash_of_one_file)
{
	unsigned cases;

	enter((size_t)_i);
	new_context(1, 1);
	cases = at_each_moment(hash, "victim");
	assert_trace();
	ssum_context_free(context);
	new_context(3, 1);
	cases += at_each_moment(hash_surely, "victim");
	leave();
	tried(17, cases);
	if (writer->steps[STEPS - 1] == set_time_back || writer->keeps_content)
		tried(19, cases);
	if (strstr(writer->name, "shrink"))
		tried(16, cases);
}
END_TEST

/* The first step in one reading, and the others in the next or between the two. */
START_TEST(hash_between_the_tries)
{
	unsigned cases = 0, all;

	enter((size_t)_i);
	new_context(2, 1);
	for (unsigned early = 1; early < 8; early += 3) {
		unsigned late = early;

		do {
			begin("victim", early, ++late);
			hash(late);
			all = atomic_load(&moments);
			end();
			cases++;
		} while (late < all);
	}
	leave();
	tried(17, cases);
}
END_TEST

/* ---- A package is verified ---- */

static enum ssum_verdict verdict; /* on the victim */
static char found[SSUM_HEX_MAX];

static int take_verdict(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->type != SSUM_TYPE_FILE)
		return 0;
	verdict = report->verdict;
	snprintf(found, sizeof(found), "%s", report->found ? report->found : "");
	return 0;
}

static const struct state *target; /* what the manifest lists */

static bool was_target(void)
{
	for (size_t i = 0; i < state_count; i++)
		if (ssum_digest_equal(&states[i].sha1, &target->sha1))
			return true;
	return false;
}

static bool was_other(void)
{
	for (size_t i = 0; i < state_count; i++)
		if (!ssum_digest_equal(&states[i].sha1, &target->sha1))
			return true;
	return false;
}

static void verify(unsigned moment)
{
	const struct ssum_verify_options options = {.size = sizeof(options),
						    .report = take_verdict};
	struct ssum_digest digest;
	int rc = ssum_verify(context, "p", &options, NULL);

	switch (verdict) {
	case SSUM_HOLDS:
		assert_code(rc, SSUM_SAME);
		ck_assert_msg(was_target(), "%s before call %u of %s: verified what never was",
			      writer->name, moment, trace);
		break;
	case SSUM_DIFFERENT:
		assert_code(rc, SSUM_DIFFERS);
		ck_assert_msg(was_other(), "%s before call %u of %s: differs and never did",
			      writer->name, moment, trace);
		if (*found) {
			assert_ok(ssum_digest_parse(found, &digest));
			state_with(&digest, writer->name, moment);
		}
		break;
	default:
		ck_assert_int_eq(verdict, SSUM_UNSTABLE);
		assert_code(rc, SSUM_ERR_UNDECIDED);
	}
}

static void verify_surely(unsigned moment)
{
	verify(moment);
	ck_assert_int_ne(verdict, SSUM_UNSTABLE);
}

/* The manifest and the checkpoints of a content, in the package. */
static void publish(const struct state *state)
{
	const struct ssum_create_options options = {
		.size = sizeof(options), .manifest = "p/SHA1SUMS", .checkpoints = INTERVAL};
	char hex[SSUM_HEX_MAX];

	target = state;
	write_file("t/victim", state->content, state->length);
	assert_ok(ssum_create(NULL, "t", &options, NULL));
	ssum_digest_hex(&state->sha1, hex);
	char *manifest = read_file("p/SHA1SUMS", NULL);
	ck_assert(!strncmp(manifest, hex, strlen(hex)));
	free(manifest);
}

START_TEST(verify_of_a_package)
{
	unsigned cases = 0;

	enter((size_t)_i);
	ck_assert(!mkdir("p", 0755) && !mkdir("t", 0755));
	publish(&torn);
	new_context(1, 2);
	cases += at_each_moment(verify, "p/victim");
	publish(&states[0]);
	cases += at_each_moment(verify, "p/victim");
	ssum_context_free(context);
	publish(&torn);
	new_context(3, 2);
	cases += at_each_moment(verify_surely, "p/victim");
	leave();
	tried(17, cases);
}
END_TEST

/* ---- A package is made ---- */

static size_t listed_state(const char *manifest, unsigned moment)
{
	struct ssum_digest digest;
	char *text = read_file(manifest, NULL);

	*strchr(text, ' ') = '\0';
	assert_ok(ssum_digest_parse(text, &digest));
	free(text);
	return state_with(&digest, writer->name, moment);
}

static int refuse_warnings(void *user, const struct ssum_report *report)
{
	(void)user;
	ck_assert_int_ne(report->type, SSUM_TYPE_CHECKPOINTS);
	return 0;
}

/* The checkpoints are of what the manifest lists: with that content, none of them is wrong. */
static void assert_checkpoints_fit(const struct state *state)
{
	const struct ssum_verify_options options = {.size = sizeof(options),
						    .report = refuse_warnings};

	at_moment = NULL;
	write_file("p/victim", state->content, state->length);
	assert_code(ssum_verify(NULL, "p", &options, NULL), SSUM_SAME);
}

static void create(unsigned moment)
{
	static const char *const algorithms[] = {"sha1", "sha256", NULL};
	const struct ssum_create_options options = {
		.size = sizeof(options), .algorithms = algorithms, .checkpoints = INTERVAL};

	unlink("p/SHA1SUMS");
	unlink("p/SHA256SUMS");
	int rc = ssum_create(context, "p", &options, NULL);

	if (rc == SSUM_ERR_UNDECIDED) {
		ck_assert(access("p/SHA1SUMS", F_OK) && access("p/SHA256SUMS", F_OK));
		return;
	}
	assert_ok(rc);
	size_t state = listed_state("p/SHA1SUMS", moment);
	ck_assert_uint_eq(listed_state("p/SHA256SUMS", moment), state);
	assert_checkpoints_fit(&states[state]);
}

START_TEST(create_of_a_package)
{
	unsigned cases;

	enter((size_t)_i);
	ck_assert(!mkdir("p", 0755));
	new_context(1, 1);
	cases = at_each_moment(create, "p/victim");
	leave();
	tried(17, cases);
}
END_TEST

/* ---- Two files are compared ---- */

static uint64_t first_apart(const struct state *a, const struct state *b)
{
	uint64_t i = 0;

	while (i < a->length && i < b->length && a->content[i] == b->content[i])
		i++;
	return i;
}

static void compare(unsigned moment)
{
	struct ssum_comparison result = {.size = sizeof(result)};
	int rc = ssum_compare_files(context, "victim", "other", &result);
	bool known = false;

	if (rc == SSUM_ERR_CHANGED)
		return;
	if (rc == SSUM_SAME) {
		ck_assert_msg(was_target(), "%s before call %u of %s: the same as what never was",
			      writer->name, moment, trace);
		return;
	}
	assert_code(rc, SSUM_DIFFERS);
	for (size_t i = 0; i < state_count; i++)
		known |= result.offset == first_apart(&states[i], target) && was_other();
	ck_assert_msg(known, "%s before call %u of %s: differs at %llu", writer->name, moment,
		      trace, (unsigned long long)result.offset);
}

START_TEST(comparison)
{
	unsigned cases;

	enter((size_t)_i);
	target = &torn;
	write_file("other", torn.content, torn.length);
	new_context(1, 2);
	cases = at_each_moment(compare, "victim");
	leave();
	tried(17, cases);
}
END_TEST

/* ---- What nobody can see ---- */

static volatile unsigned char *mapped;

static void store(unsigned moment)
{
	const char *reads = strchr(trace, 'r');

	if (!reads || strchr(reads + 1, 'r') != trace + moment)
		return;
	mapped[FIRST] = 'b';
	mapped[SIZE - 100] ^= 1;
	atomic_store(&has_written, true);
}

/*
 * Stores through a shared mapping into pages that are dirty move no timestamp. So here a digest of
 * what never was is given, as include/sparsesum.h says. Should this test fail some day with
 * SSUM_ERR_CHANGED, the kernel has learnt to tell, and that is to be taken back.
 */
START_TEST(a_store_through_a_mapping_is_not_seen)
{
	struct ssum_digest digest;

	if (!getenv("TEST_TMPFS"))
		skip("no tmpfs, where pages are never clean");
	enter(5);
	new_context(1, 1);
	begin("victim", MOMENTS_MAX, 0);
	mapped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert(mapped != MAP_FAILED);
	mapped[FIRST] = 'a';
	mapped[SIZE - 100] ^= 0; /* dirty from now on */
	at_moment = store;
	assert_ok(ssum_hash_file(context, "victim", "sha1", &digest));
	ck_assert(end());
	unsigned char *mixed = malloc(SIZE);
	memcpy(mixed, content, SIZE);
	mixed[SIZE - 100] ^= 1;
	assert_digest_eq(digest, oracle_of_bytes("sha1", mixed, SIZE));
	free(mixed);
	munmap((void *)mapped, SIZE);
	leave();
	tried(18, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{hash_of_one_file, ARRAY_SIZE(writers)},
		{hash_between_the_tries, ARRAY_SIZE(writers)},
		{verify_of_a_package, ARRAY_SIZE(writers)},
		{create_of_a_package, ARRAY_SIZE(writers)},
		{comparison, ARRAY_SIZE(writers)},
		{a_store_through_a_mapping_is_not_seen, 0},
	};

	return run_suite("moments", tests, ARRAY_SIZE(tests));
}
