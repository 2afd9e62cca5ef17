/* SPDX-License-Identifier: MIT */
/* The rules at the beginning of sparsesum.h, for every function that they apply to: structures and
   their sizes, arguments, callbacks, errors, freeing. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

#define FILE_LENGTH 300000
#define INTERVAL 4096

static unsigned char content[FILE_LENGTH];
static struct ssum_digest digest; /* of content, by sha1 */
static struct ssum_context *context;

/* In place of the C library's: count what is read. */
static uint64_t bytes_read;

ssize_t pread(int fd, void *data, size_t length, off_t offset)
{
	ssize_t got = syscall(SYS_pread64, fd, data, length, offset);

	__atomic_fetch_add(&bytes_read, got > 0 ? (uint64_t)got : 0, __ATOMIC_RELAXED);
	return got;
}

ssize_t preadv2(int fd, const struct iovec *vectors, int count, off_t offset, int flags)
{
	ssize_t got = syscall(SYS_preadv2, fd, vectors, count, offset, 0L, flags);

	__atomic_fetch_add(&bytes_read, got > 0 ? (uint64_t)got : 0, __ATOMIC_RELAXED);
	return got;
}

/* Packages p and q, which differ in one file; files a and b with their content. */
static void enter(ssum_progress_fn *progress)
{
	struct ssum_options options = {.size = sizeof(options), .threads = 4, .progress = progress};
	uint64_t state = 5;

	scratch_enter();
	fill_random(content, sizeof(content), &state);
	digest = oracle_of_bytes("sha1", content, sizeof(content));
	write_file("a", content, sizeof(content));
	content[5000] ^= 1;
	write_file("b", content, sizeof(content));
	content[5000] ^= 1;
	free(run_command(NULL,
			 "mkdir -p p/sub q; cp a p/a; cp a p/sub/b; cp a p/c; cp -r p/. q; "
			 "cp b q/sub/b; cd p; sha1sum a c sub/b >SHA1SUMS; cp SHA1SUMS ../q"));
	assert_ok(ssum_context_new(&options, &context));
}

static void leave(void)
{
	ssum_context_free(context);
	context = NULL;
	scratch_leave();
}

/* ---- Callbacks of all kinds ---- */

static __thread bool is_caller;
static int running, called, answer;
static size_t size_seen;

static int note_call(size_t size)
{
	ck_assert(is_caller);
	ck_assert_int_eq(running++, 0); /* one at a time */
	called++;
	size_seen = size;
	nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
	running--;
	return answer;
}

static int on_progress(void *user, const struct ssum_progress *progress)
{
	(void)user;
	return note_call(progress->size);
}

static int on_result(void *user, const struct ssum_result *result)
{
	(void)user;
	return note_call(result->size);
}

static int on_report(void *user, const struct ssum_report *report)
{
	(void)user;
	return note_call(report->size);
}

static int on_extent(void *user, const struct ssum_extent *extent)
{
	(void)user;
	(void)extent;
	return note_call(0);
}

static int on_range(void *user, const struct ssum_range *range)
{
	(void)user;
	(void)range;
	return note_call(0);
}

static int on_segment(void *user, const struct ssum_range *segment, int verdict)
{
	(void)user;
	(void)segment;
	(void)verdict;
	return note_call(0);
}

static int inputs_left;

static int on_input(void *user, struct ssum_input *input)
{
	(void)user;
	ck_assert(is_caller);
	ck_assert_uint_eq(input->size, sizeof(*input));
	if (!inputs_left--)
		return 0;
	input->path = "a";
	return 1;
}

static struct ssum_checkpoints *checkpoints_of(const char *path)
{
	struct ssum_checkpoints *checkpoints;

	assert_ok(ssum_checkpoints_make(NULL, path, NULL, INTERVAL, &checkpoints));
	return checkpoints;
}

static int call_hash(void)
{
	const struct ssum_hash_options options = {
		.size = sizeof(options), .input = on_input, .result = on_result};

	inputs_left = 20;
	return ssum_hash_each(context, &options);
}

static int call_create(void)
{
	const struct ssum_create_options options = {.size = sizeof(options), .report = on_report};

	return ssum_create(context, "p", &options, NULL);
}

static int call_verify(void)
{
	const struct ssum_verify_options options = {.size = sizeof(options), .report = on_report};

	return ssum_verify(context, "p", &options, NULL);
}

static int call_compare(void)
{
	const struct ssum_compare_options options = {.size = sizeof(options), .report = on_report};

	return ssum_compare_directories(context, "p", "q", &options, NULL);
}

static int call_ranges(void)
{
	return ssum_compare_ranges(context, "a", "b", on_range, NULL, NULL);
}

static int call_map(void)
{
	return ssum_map_file(context, "a", on_extent, NULL);
}

static int call_verify_file(void)
{
	struct ssum_checkpoints *checkpoints = checkpoints_of("a");
	int rc = ssum_verify_file(context, "b", NULL, &digest, checkpoints, on_range, NULL);

	ssum_checkpoints_free(checkpoints);
	return rc;
}

static int receive(bool lists)
{
	struct ssum_checkpoints *checkpoints = checkpoints_of("a");
	struct ssum_receiver_options options = {.size = sizeof(options),
						.fd = open("received", O_RDWR | O_CREAT, 0600),
						.digest = &digest,
						.length = sizeof(content),
						.checkpoints = checkpoints,
						.segment = on_segment};
	struct ssum_receiver *receiver;

	assert_ok(ssum_receiver_new(context, &options, &receiver));
	int rc = lists ? ssum_receiver_missing(receiver, on_range, NULL)
		       : ssum_receiver_write(receiver, 0, content, 3 * INTERVAL);
	ssum_receiver_free(receiver);
	ssum_checkpoints_free(checkpoints);
	close(options.fd);
	return rc;
}

static int call_write(void)
{
	return receive(false);
}

static int call_missing(void)
{
	return receive(true);
}

static const struct {
	int (*call)(void);
	int result;
	size_t size; /* of the structure in the last callback */
} calls[] = {
	{call_hash, 0, sizeof(struct ssum_result)},
	{call_create, 0, sizeof(struct ssum_report)},
	{call_verify, SSUM_HOLDS, sizeof(struct ssum_report)},
	{call_compare, SSUM_DIFFERS, sizeof(struct ssum_report)},
	{call_ranges, SSUM_DIFFERS, 0},
	{call_map, 0, 0},
	{call_verify_file, SSUM_DIFFERS, 0},
	{call_write, 0, 0},
	{call_missing, 0, 0},
};

START_TEST(callbacks_run_on_the_calling_thread)
{
	enter(_i % 2 ? on_progress : NULL);
	is_caller = true;
	assert_code(calls[_i / 2].call(), calls[_i / 2].result);
	ck_assert_int_gt(called, 0);
	leave();
}
END_TEST

START_TEST(structures_for_callbacks_have_their_size)
{
	enter(NULL);
	is_caller = true;
	assert_code(calls[_i].call(), calls[_i].result);
	ck_assert_uint_eq(size_seen, calls[_i].size);
	leave();
}
END_TEST

START_TEST(callbacks_may_cancel)
{
	enter(NULL);
	is_caller = true;
	answer = _i % 2 ? 1 : -5;
	assert_code(calls[_i / 2].call(), SSUM_ERR_CANCELLED);
	if (calls[_i / 2].call != call_hash) /* which passes every input back */
		ck_assert_int_eq(called, 1);
	leave();
}
END_TEST

/* ---- Progress ---- */

static struct ssum_progress last;
static bool was_final;

static int check_progress(void *user, const struct ssum_progress *progress)
{
	ck_assert_ptr_eq(user, &last);
	ck_assert_uint_eq(progress->size, sizeof(*progress));
	ck_assert_uint_le(progress->bytes_done, progress->bytes_due);
	ck_assert_uint_le(progress->files_done, progress->files_due);
	ck_assert_uint_ge(progress->bytes_done, last.bytes_done);
	ck_assert_uint_ge(progress->files_done, last.files_done);
	if (progress->path)
		ck_assert(!strcmp(progress->path, "long") || !strcmp(progress->path, "a"));
	if (was_final) {
		ck_assert(progress->due_is_final);
		ck_assert_uint_eq(progress->bytes_due, last.bytes_due);
		ck_assert_uint_eq(progress->files_due, last.files_due);
	}
	was_final = progress->due_is_final;
	last = *progress;
	called++;
	return 0;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double hash_long(void)
{
	struct ssum_options options = {.size = sizeof(options),
				       .holes = SSUM_HOLES_READ,
				       .progress = check_progress,
				       .user = &last};
	struct ssum_context *slow;
	struct ssum_digest found;

	write_file("long", content, sizeof(content));
	ck_assert(!truncate("long", 512 << 20));
	assert_ok(ssum_context_new(&options, &slow));
	double begin = seconds();
	assert_ok(ssum_hash_file(slow, "long", NULL, &found));
	double elapsed = seconds() - begin;
	ssum_context_free(slow);
	return elapsed;
}

START_TEST(progress_is_consistent)
{
	enter(NULL);
	hash_long();
	ck_assert_int_gt(called, 0);
	ck_assert(was_final);
	leave();
}
END_TEST

START_TEST(progress_comes_ten_times_a_second)
{
	enter(NULL);
	double elapsed = hash_long();
	ck_assert_msg(called <= 12 * elapsed + 3, "%d in %.2f s", called, elapsed);
	ck_assert_msg(called >= 3 * elapsed - 2, "%d in %.2f s", called, elapsed);
	leave();
}
END_TEST

/* ---- Structures ---- */

/* A structure of a later release, with one more member, which is set. */
static void *newer(const void *structure, size_t size)
{
	size_t larger = size + 8;
	char *made = calloc(1, larger);

	memcpy(made, structure, size);
	memcpy(made, &larger, sizeof(larger));
	made[larger - 1] = 1;
	return made;
}

/* Nothing is read or written: SHA256SUMS does not exist afterwards. */
START_TEST(unknown_members_are_refused)
{
	static const char *const sha256[] = {"sha256", NULL};
	const struct ssum_options context_options = {.size = sizeof(context_options)};
	const struct ssum_hash_options hash = {
		.size = sizeof(hash), .input = on_input, .result = on_result};
	const struct ssum_create_options create = {.size = sizeof(create), .algorithms = sha256};
	const struct ssum_verify_options verify = {.size = sizeof(verify)};
	const struct ssum_compare_options compare = {.size = sizeof(compare)};
	const struct ssum_listed_entry entry = {
		.size = sizeof(entry), .name = "a", .type = SSUM_TYPE_FILE, .source = "x"};
	const struct ssum_receiver_options receive_options = {.size = sizeof(receive_options),
							      .digest = &digest};
	struct ssum_summary summary = {.size = 4};
	struct ssum_comparison comparison = {.size = 4};
	struct ssum_explanation explanation = {.size = 4};
	struct ssum_checkpoints_info checkpoints_info = {.size = 4};
	struct ssum_algorithm_info info = {.size = 4};
	struct ssum_checkpoints *checkpoints;
	struct ssum_receiver *receiver;
	struct ssum_listing *listing;
	struct ssum_context *made;
	char hex[SSUM_HEX_MAX];

	enter(NULL);
	is_caller = true;
#define REFUSED(structure, call)                                                                   \
	do {                                                                                       \
		void *larger = newer(&(structure), sizeof(structure));                             \
		assert_code(call, SSUM_ERR_OPTIONS);                                               \
		((char *)larger)[sizeof(structure) + 7] = 0;                                       \
		free(larger);                                                                      \
	} while (0)
	REFUSED(context_options, ssum_context_new(larger, &made));
	REFUSED(hash, ssum_hash_each(context, larger));
	REFUSED(create, ssum_create(context, "p", larger, NULL));
	REFUSED(verify, ssum_verify(context, "p", larger, NULL));
	REFUSED(compare, ssum_compare_directories(context, "p", "q", larger, NULL));
	REFUSED(receive_options, ssum_receiver_new(NULL, larger, &receiver));
	assert_ok(ssum_listing_new(&listing));
	REFUSED(entry, ssum_listing_add(listing, larger));
	ssum_listing_free(listing);

	/* What the library fills in, of a size that cannot be. */
	assert_code(ssum_create(context, "p", &create, &summary), SSUM_ERR_OPTIONS);
	assert_code(ssum_verify(context, "p", &verify, &summary), SSUM_ERR_OPTIONS);
	assert_code(ssum_compare_directories(context, "p", "q", NULL, &summary), SSUM_ERR_OPTIONS);
	assert_code(ssum_compare_files(context, "a", "b", &comparison), SSUM_ERR_OPTIONS);
	assert_code(ssum_compare_ranges(context, "a", "b", on_range, NULL, &comparison),
		    SSUM_ERR_OPTIONS);
	ssum_digest_hex(&digest, hex);
	assert_code(ssum_explain_file(context, "a", NULL, hex, NULL, &explanation),
		    SSUM_ERR_OPTIONS);
	checkpoints = checkpoints_of("a");
	assert_code(ssum_checkpoints_describe(checkpoints, &checkpoints_info), SSUM_ERR_OPTIONS);
	ssum_checkpoints_free(checkpoints);
	assert_code(ssum_algorithm("sha1", &info), SSUM_ERR_OPTIONS);
	ck_assert_int_eq(called, 0);
	ck_assert_int_eq(access("p/SHA256SUMS", F_OK), -1);
	leave();
}
END_TEST

/* ---- Arguments ---- */

static int names_left;

/* Each path is overwritten for the next one. */
static int give_names(void *user, struct ssum_input *input)
{
	static char path[8];

	(void)user;
	if (!names_left--)
		return 0;
	memset(path, 0, sizeof(path));
	path[0] = "ab"[names_left % 2];
	input->path = path;
	input->length = 7; /* wrong: it is for progress only */
	return 1;
}

static int take_names(void *user, const struct ssum_result *result)
{
	(void)user;
	assert_ok(result->error);
	ck_assert_uint_eq(result->length, sizeof(content));
	ck_assert_int_eq(ssum_digest_equal(result->digests, &digest), *result->path == 'a');
	called++;
	return 0;
}

START_TEST(arguments_are_not_kept)
{
	char *algorithm = strdup("sha1"), *name = strdup("x"), *target = strdup("t");
	const char *list[] = {algorithm, NULL};
	struct ssum_hash_options options = {.size = sizeof(options),
					    .algorithms = list,
					    .input = give_names,
					    .result = take_names};
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .name = name,
					  .type = SSUM_TYPE_SYMLINK,
					  .target = target,
					  .source = algorithm};
	const struct ssum_verify_options verify = {.size = sizeof(verify)};
	struct ssum_verify_options listed = verify;
	struct ssum_manifest *manifest;
	struct ssum_listing *listing;
	struct ssum_stream *stream;
	struct ssum_digest found;
	int fd;

	enter(NULL);
	names_left = 50;
	assert_ok(ssum_hash_each(context, &options));
	ck_assert_int_eq(called, 50);

	fd = open("p/SHA1SUMS", O_RDONLY);
	assert_ok(ssum_listing_new(&listing));
	assert_ok(ssum_listing_add(listing, &entry));
	assert_ok(ssum_stream_new(algorithm, &stream));
	assert_ok(ssum_manifest_open(fd, algorithm, &manifest));
	memset(algorithm, 'x', 4);
	free(algorithm);
	memset(name, 'y', 1);
	free(name);
	free(target);
	assert_ok(ssum_stream_update(stream, content, sizeof(content)));
	assert_ok(ssum_stream_final(stream, &found));
	assert_digest_eq(found, digest);
	ssum_stream_free(stream);
	const struct ssum_line *line;
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_str_eq(line->name, "a");
	ssum_manifest_close(manifest);
	close(fd);
	ck_assert(!mkdir("d", 0700) && !symlink("t", "d/x"));
	listed.listing = listing;
	assert_code(ssum_verify(context, "d", &listed, NULL), SSUM_HOLDS);
	ssum_listing_free(listing);
	leave();
}
END_TEST

START_TEST(null_data_of_no_length)
{
	struct ssum_stream *stream;
	struct ssum_digest found;

	assert_ok(ssum_stream_new(NULL, &stream));
	assert_ok(ssum_stream_update(stream, NULL, 0));
	assert_ok(ssum_stream_zeros(stream, 0));
	assert_ok(ssum_stream_final(stream, &found));
	assert_digest_eq(found, oracle_of_bytes("sha1", "", 0));
	ssum_stream_free(stream);
}
END_TEST

static int several(void *user, const struct ssum_result *result)
{
	(void)user;
	ck_assert_uint_eq(result->digest_count, 3);
	assert_digest_eq(result->digests[2], digest);
	return 0;
}

START_TEST(a_file_is_read_once_for_several_algorithms)
{
	static const char *const algorithms[] = {"sha256", "sha3-256", "sha1", NULL};
	const struct ssum_hash_options options = {.size = sizeof(options),
						  .algorithms = algorithms,
						  .input = on_input,
						  .result = several};

	enter(NULL);
	is_caller = true;
	inputs_left = 3;
	bytes_read = 0;
	assert_ok(ssum_hash_each(context, &options));
	ck_assert_uint_eq(bytes_read, 3 * sizeof(content));
	leave();
}
END_TEST

static void *hash_often(void *user)
{
	struct ssum_context *own;
	struct ssum_digest found;

	(void)user;
	for (int i = 0; i < 20; i++) {
		assert_ok(ssum_context_new(NULL, &own));
		assert_ok(ssum_hash_file(own, "a", NULL, &found));
		assert_digest_eq(found, digest);
		assert_code(ssum_hash_file(own, "none", NULL, &found), -ENOENT);
		ck_assert_str_eq(ssum_message(own), "none: No such file or directory");
		ssum_context_free(own);
	}
	return NULL;
}

START_TEST(contexts_of_several_threads)
{
	pthread_t threads[4];

	enter(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ck_assert(!pthread_create(&threads[i], NULL, hash_often, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	leave();
}
END_TEST

/* ---- Results ---- */

START_TEST(only_0_means_verified)
{
	enter(NULL);
	assert_code(ssum_verify(context, "p", NULL, NULL), SSUM_HOLDS);
	assert_code(ssum_verify(context, "q", NULL, NULL), SSUM_DIFFERS);
	ck_assert(!mkfifo("p/fifo", 0600) && !unlink("q/sub/b"));
	assert_code(ssum_verify(context, "q", NULL, NULL), SSUM_DIFFERS);
	ck_assert_int_ne(ssum_verify(context, "p", NULL, NULL), 0);
	ck_assert(!unlink("p/fifo"));
	free(run_command(NULL, "echo nonsense >>p/SHA1SUMS"));
	assert_code(ssum_verify(context, "p", NULL, NULL), SSUM_ERR_UNDECIDED);
	ck_assert(!unlink("p/SHA1SUMS"));
	assert_code(ssum_verify(context, "p", NULL, NULL), SSUM_ERR_NO_MANIFEST);
	write_text("p/SHA1SUMS", "");
	assert_code(ssum_verify(context, "p", NULL, NULL), SSUM_ERR_EMPTY);
	leave();
}
END_TEST

/* As the headers list them. */
static const char *const verdicts[] = {"holds",      "differs",    "missing",
				       "extra",      "unreadable", "changed",
				       "false hole", "bad line",   "undecided"};
static const char *const causes[] = {
	"unknown",         "matches",     "spelling",    "byte order",    "algorithm",
	"empty",           "manifest",    "other entry", "trailing hole", "allocated",
	"zeros dropped",   "zero blocks", "padded",      "all zeros",     "line endings",
	"byte order mark", "cut",         "unfinished",  "damaged",       "contradicted",
	"longer",          "zeroed",      "32 bits",     "mistyped"};

START_TEST(names_are_as_documented)
{
	ck_assert_int_eq(SSUM_VERDICT_COUNT, ARRAY_SIZE(verdicts));
	for (int i = 0; i < SSUM_VERDICT_COUNT; i++)
		ck_assert_str_eq(ssum_verdict_name((enum ssum_verdict)i), verdicts[i]);
	ck_assert_int_eq(SSUM_CAUSE_COUNT, ARRAY_SIZE(causes));
	for (int i = 0; i < SSUM_CAUSE_COUNT; i++)
		ck_assert_str_eq(ssum_cause_name((enum ssum_cause)i), causes[i]);
	ck_assert_str_eq(ssum_type_name(SSUM_TYPE_FILE), "regular file");
	ck_assert_str_eq(ssum_type_name(SSUM_TYPE_SYMLINK), "symlink");
	for (int i = -1; i < 100; i++) {
		unsigned number = (unsigned)i;
		enum ssum_verdict verdict;
		enum ssum_cause cause;
		enum ssum_type type;

		/* Set the bytes: a compiler may assume that an enum has only its values. */
		memcpy(&verdict, &number, sizeof(verdict));
		memcpy(&cause, &number, sizeof(cause));
		memcpy(&type, &number, sizeof(type));
		ck_assert_ptr_nonnull(ssum_verdict_name(verdict));
		ck_assert_ptr_nonnull(ssum_cause_name(cause));
		ck_assert_ptr_nonnull(ssum_type_name(type));
	}
}
END_TEST

START_TEST(messages_name_the_object)
{
	struct ssum_digest found;

	enter(NULL);
	assert_code(ssum_hash_file(context, "no\xff\nne", NULL, &found), -ENOENT);
	ck_assert_str_eq(ssum_message(context), "no\xff\nne: No such file or directory");
	assert_code(ssum_hash_file(context, "", NULL, &found), -ENOENT);
	ck_assert_str_eq(ssum_message(context), "'': No such file or directory");
	assert_code(ssum_verify(context, "none", NULL, NULL), -ENOENT);
	ck_assert_str_eq(ssum_message(context), "none: No such file or directory");
	ck_assert(!unlink("p/SHA1SUMS") && !mkdir("p/SHA1SUMS", 0700));
	ck_assert_int_lt(ssum_create(context, "p", NULL, NULL), 0);
	ck_assert_msg(!strncmp(ssum_message(context), "p/SHA1SUMS: ", 12), "%s",
		      ssum_message(context));
	assert_ok(ssum_hash_file(context, "a", NULL, &found));
	ck_assert_str_eq(ssum_message(context), "");
	leave();
}
END_TEST

static int bad_descriptor(void *user, struct ssum_input *input)
{
	(void)user;
	input->fd = 1000;
	return inputs_left-- > 0;
}

static int check_no_digest(void *user, const struct ssum_result *result)
{
	(void)user;
	assert_code(result->error, -EBADF);
	ck_assert_uint_eq(result->digest_count, 0);
	called++;
	return 0;
}

START_TEST(outputs_are_empty_after_an_error)
{
	const struct ssum_hash_options options = {
		.size = sizeof(options), .input = bad_descriptor, .result = check_no_digest};
	struct ssum_digest value = {.length = 20};
	void *poison = &value;
	struct ssum_checkpoints_list *list = poison;
	struct ssum_checkpoints *checkpoints = poison;
	struct ssum_receiver *receiver = poison;
	struct ssum_manifest *manifest = poison;
	struct ssum_stream *stream = poison, *restored = poison;
	struct ssum_context *made = poison;
	struct ssum_tree *tree = poison;
	size_t length = 7;
	char *text = poison;

	enter(NULL);
	inputs_left = 3;
	assert_ok(ssum_hash_each(context, &options));
	ck_assert_int_eq(called, 3);
	assert_code(ssum_stream_new("no such", &stream), SSUM_ERR_ALGORITHM);
	assert_code(ssum_stream_restore("sha1", 3, &value, &restored), SSUM_ERR_NO_CHECKPOINT);
	assert_code(ssum_context_new(&(struct ssum_options){.size = 1}, &made), SSUM_ERR_OPTIONS);
	assert_code(ssum_manifest_open(-1, "no such", &manifest), SSUM_ERR_ALGORITHM);
	assert_code(ssum_tree_open("none", NULL, &tree), -ENOENT);
	assert_code(ssum_format_line(99, NULL, &digest, "x", &text, &length), SSUM_ERR_OPTIONS);
	assert_code(ssum_checkpoints_make(context, "none", NULL, 0, &checkpoints), -ENOENT);
	ck_assert_ptr_null(checkpoints);
	checkpoints = poison;
	assert_code(ssum_checkpoints_read(-1, NULL, &checkpoints), -EBADF);
	assert_code(ssum_checkpoints_open_text("x", 1, &list), SSUM_ERR_MALFORMED);
	assert_code(ssum_receiver_new(NULL, NULL, &receiver), SSUM_ERR_OPTIONS);
	ck_assert(!stream && !restored && !made && !manifest && !tree && !text && !checkpoints &&
		  !list && !receiver);
	receiver = poison;
	assert_code(ssum_receiver_load(NULL, NULL, "none", &receiver), -ENOENT);
	ck_assert_ptr_null(receiver);
	leave();
}
END_TEST

START_TEST(null_may_be_freed)
{
	ssum_context_free(NULL);
	ssum_stream_free(NULL);
	ssum_tree_close(NULL);
	ssum_manifest_close(NULL);
	ssum_checkpoints_free(NULL);
	ssum_checkpoints_close(NULL);
	ssum_listing_free(NULL);
	ssum_receiver_free(NULL);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{callbacks_run_on_the_calling_thread, 2 * ARRAY_SIZE(calls)},
		{structures_for_callbacks_have_their_size, ARRAY_SIZE(calls)},
		{callbacks_may_cancel, 2 * ARRAY_SIZE(calls)},
		{progress_is_consistent, 0},
		{progress_comes_ten_times_a_second, 0},
		{unknown_members_are_refused, 0},
		{arguments_are_not_kept, 0},
		{null_data_of_no_length, 0},
		{a_file_is_read_once_for_several_algorithms, 0},
		{contexts_of_several_threads, 0},
		{only_0_means_verified, 0},
		{names_are_as_documented, 0},
		{messages_name_the_object, 0},
		{outputs_are_empty_after_an_error, 0},
		{null_may_be_freed, 0},
	};

	return run_suite("rules", tests, ARRAY_SIZE(tests));
}
