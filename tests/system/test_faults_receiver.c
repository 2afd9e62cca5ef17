/* SPDX-License-Identifier: MIT */
/* A receiver with faults: it continues after an error, and the missing ranges are sent again until
   the file is proven and right. hazards 20, 33, 34, 40. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/faults/trial.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

#define INTERVAL 65536
#define SIZE 300000
#define ROUNDS 4 /* how often the missing ranges were sent */

struct receiver_trial {
	struct trial trial;
	const char *algorithm;
	bool loads;      /* continue from a saved state, */
	bool has_moved;  /* of a file that was changed since */
	bool by_threads; /* two threads send pieces */
};

static unsigned char content[SIZE];
static struct ssum_digest digest;
static struct ssum_checkpoints *checkpoints;
static int fd;

static const struct receiver_trial *of(const struct trial *trial)
{
	return container_of(trial, struct receiver_trial, trial);
}

static void enter_scratch(const struct receiver_trial *trial)
{
	uint64_t state = 1;

	scratch_enter_tmpfs();
	ck_assert(!mkdir("s", 0755));
	fill_random(content, 5000, &state);
	fill_random(content + 100000, 70000, &state);
	write_file("content", content, SIZE);
	digest = oracle_of_bytes(trial->algorithm, content, SIZE);
	if (!strcmp(trial->algorithm, "sha1"))
		assert_ok(ssum_checkpoints_make(NULL, "content", NULL, INTERVAL, &checkpoints));
}

static void leave_scratch(void)
{
	ssum_checkpoints_free(checkpoints);
	scratch_leave();
}

/* ---- Sending ---- */

static const struct {
	uint64_t offset, length;
	bool is_hole;
} pieces[] = {
	{120000, 50000, false}, {0, 5000, false},
	{5000, 95000, true},    {100000, 30000, false},
	{170000, 60000, true},  {250000, 50000, true},
	{131072, 10000, false}, /* send it again */ {230000, 20000, false},
};

static void send(struct ssum_receiver *receiver, size_t index)
{
	uint64_t offset = pieces[index].offset;

	trial_step(pieces[index].is_hole
			   ? ssum_receiver_hole(receiver, offset, pieces[index].length)
			   : ssum_receiver_write(receiver, offset, content + offset,
						 (size_t)pieces[index].length));
}

static void *send_odd(void *receiver)
{
	for (size_t i = 1; i < ARRAY_SIZE(pieces); i += 2)
		send(receiver, i);
	return NULL;
}

static void send_all(struct ssum_receiver *receiver, bool by_threads)
{
	pthread_t thread;
	bool other = by_threads && !pthread_create(&thread, NULL, send_odd, receiver);

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i += 1 + other)
		send(receiver, i);
	if (other)
		pthread_join(thread, NULL);
}

static int send_range(void *receiver, const struct ssum_range *range)
{
	hold(range->length && range->offset + range->length <= SIZE, "an invalid range");
	trial_step(ssum_receiver_write(receiver, range->offset, content + range->offset,
				       (size_t)range->length));
	return 0;
}

/* Only right data are sent, so no segment may be reported as damaged. */
static int judge_segment(void *user, const struct ssum_range *segment, int verdict)
{
	(void)user;
	hold(verdict == SSUM_HOLDS, "the segment at %ju is reported as damaged",
	     (uintmax_t)segment->offset);
	return 0;
}

static void assert_received(void)
{
	static unsigned char got[SIZE + 1];
	struct stat st;

	hold(!fstat(fd, &st) && st.st_size == SIZE, "a file of another length");
	hold(pread(fd, got, sizeof(got), 0) == SIZE && !memcmp(got, content, SIZE),
	     "a file with another content");
}

/* ---- Runs ---- */

static struct ssum_receiver_options options_of(const struct receiver_trial *trial)
{
	return (struct ssum_receiver_options){.size = sizeof(struct ssum_receiver_options),
					      .fd = fd,
					      .algorithm = trial->algorithm,
					      .digest = &digest,
					      .length = SIZE,
					      .checkpoints = checkpoints,
					      .segment = judge_segment};
}

#define STATE "s/state"
#define OLD "old\n"

static void save_a_part(const struct receiver_trial *trial)
{
	const struct ssum_receiver_options options = options_of(trial);
	struct ssum_receiver *receiver;

	assert_ok(ssum_receiver_new(trial_context, &options, &receiver));
	for (size_t i = 0; i < 4; i++)
		send(receiver, i);
	assert_ok(ssum_receiver_save(receiver, STATE));
	ssum_receiver_free(receiver);
	if (trial->has_moved)
		ck_assert(!futimens(fd, NULL));
}

/* The old content and length of the file have no effect. */
static void prepare(const struct trial *trial)
{
	static unsigned char junk[SIZE + 10000];

	memset(junk, 'x', sizeof(junk));
	write_file("got", junk, sizeof(junk));
	write_text(STATE, OLD);
	fd = open("got", O_RDWR);
	if (of(trial)->loads)
		save_a_part(of(trial));
}

static struct ssum_receiver *begin(const struct receiver_trial *trial)
{
	const struct ssum_receiver_options options = options_of(trial);
	struct ssum_receiver *receiver = NULL;
	int rc = -1;

	for (int i = 0; i < 2 && rc; i++) {
		rc = trial->loads ? ssum_receiver_load(trial_context, &options, STATE, &receiver)
				  : ssum_receiver_new(trial_context, &options, &receiver);
		trial_step(rc);
		hold(!receiver == !!rc, "both a receiver and an error");
	}
	hold(receiver, "no receiver");
	return receiver;
}

static int run(const struct trial *trial)
{
	struct ssum_receiver *receiver = begin(of(trial));
	int rc = SSUM_ERR_INCOMPLETE;

	send_all(receiver, of(trial)->by_threads);
	trial_step(ssum_receiver_save(receiver, STATE));
	for (int i = 0; i < ROUNDS && rc; i++) {
		trial_step(ssum_receiver_missing(receiver, send_range, receiver));
		rc = ssum_receiver_finish(receiver);
		hold(rc != SSUM_DIFFERS, "it differs");
		if (rc != SSUM_ERR_INCOMPLETE)
			trial_step(rc);
	}
	ssum_receiver_free(receiver);
	return rc;
}

static void inspect(const struct trial *trial, int rc)
{
	char *state = read_file(STATE, NULL);
	size_t length = strlen(state);

	(void)trial;
	(void)rc;
	assert_received();
	ck_assert(!close(fd));
	hold(!strcmp(state, OLD) || (!strncmp(state, "sparsesum-receiver 2\n", 21) && length > 30 &&
				     !strcmp(state + length - 5, "\nend\n")),
	     "neither the old nor the new state");
	free(state);
	trial_assert_names("s", "state ");
}

#define RECEIVE .prepare = prepare, .run = run, .inspect = inspect, .survives_all = true

static const struct receiver_trial trials[] = {
	{.trial = {.name = "receive", RECEIVE}, .algorithm = "sha1"},
	{.trial = {.name = "receive in two threads", RECEIVE},
	 .algorithm = "sha1",
	 .by_threads = true},
	{.trial = {.name = "receive without holes", RECEIVE, .always = {"fallocate", EOPNOTSUPP}},
	 .algorithm = "sha1"},
	{.trial = {.name = "receive with a temporary name", RECEIVE, .always = {"access", ENOENT}},
	 .algorithm = "sha1"},
	{.trial = {.name = "receive by libcrypto", RECEIVE}, .algorithm = "sha3-256"},
	{.trial = {.name = "continue", RECEIVE}, .algorithm = "sha1", .loads = true},
	{.trial = {.name = "continue with a renamed file", RECEIVE},
	 .algorithm = "sha1",
	 .loads = true,
	 .has_moved = true},
};

START_TEST(receive_with_each_fault)
{
	const struct receiver_trial *trial = &trials[_i];
	uint64_t cases;

	enter_scratch(trial);
	cases = trial_run(&trial->trial, trial->by_threads ? 2 : 1);
	leave_scratch();
	tried(20, cases);
	tried(33, cases);
	tried(34, cases);
	tried(40, cases);
}
END_TEST

int main(void)
{
	const struct test tests[] = {{receive_with_each_fault, ARRAY_SIZE(trials)}};

	return run_suite("faults_receiver", tests, ARRAY_SIZE(tests));
}
