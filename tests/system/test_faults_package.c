/* SPDX-License-Identifier: MIT */
/* Creating and verifying packages with faults: the manifest is the old one or the new one, and no
   verdict is wrong. hazards 20, 33, 34, 40. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "system/faults/trial.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "sparsesum/package.h"

#define INTERVAL 65536

#define OLD_CHECKPOINTS "sparsesum-checkpoints 1 sha1\n"
#define OLD "0123456789012345678901234567890123456789  old\n"

struct package_trial {
	struct trial trial;
	const char *const *algorithms;
	const char *names; /* names in the package afterwards */
	const char *journal;
	const char *change;    /* a command, run first in the package */
	const char *different; /* expected entries that do not hold, */
	const char *missing, *extra;
	int no_checkpoints;
};

static const char *const sha1[] = {"sha1", NULL};
static const char *const two[] = {"sha1", "sha256", NULL};
static const char *const both[] = {"sha1", "sha3-256", NULL};
static const char *const provided[] = {"sha3-256", NULL};

static const struct package_trial *of(const struct trial *trial)
{
	return container_of(trial, struct package_trial, trial);
}

/* ---- Expected digests, by libcrypto, before any fault ---- */

static struct right {
	char name[64], hex[SSUM_HEX_MAX];
	const char *algorithm;
} rights[32];
static size_t right_count;

static void know(const char *algorithm, const char *name)
{
	struct right *right = &rights[right_count];
	char path[80];

	snprintf(path, sizeof(path), "p/%s", name);
	if (access(path, F_OK))
		return;
	right_count++;
	snprintf(right->name, sizeof(right->name), "%s", name);
	right->algorithm = algorithm;
	struct ssum_digest digest = oracle_of_file(algorithm, path);
	ssum_digest_hex(&digest, right->hex);
}

static void know_all(const char *const *algorithms)
{
	static const char *const files[] = {"a", "big", "sub/c", "sub/d"};

	right_count = 0;
	for (size_t i = 0; algorithms[i]; i++)
		for (size_t j = 0; j < ARRAY_SIZE(files); j++)
			know(algorithms[i], files[j]);
}

static const char *right_digest(const char *algorithm, const char *name)
{
	for (size_t i = 0; i < right_count; i++)
		if (!strcmp(rights[i].algorithm, algorithm) && !strcmp(rights[i].name, name))
			return rights[i].hex;
	return NULL;
}

/* ---- The package ---- */

static void enter_scratch(void)
{
	scratch_enter_tmpfs();
	shell("mkdir p p/sub p/empty && cd p && ln -s a link && printf x >sub/c && "
	      "openssl enc -aes-128-ctr -K 00 -iv 0 -in /dev/zero 2>/dev/null | head -c 70000 >a "
	      "&& "
	      "truncate -s 200000 big && "
	      "dd if=a of=big bs=1 seek=100000 count=30000 conv=notrunc status=none");
}

/* "p/SHA1SUMS" and similar paths, from the name of the algorithm. */
static const char *manifest_path(const char *in, const char *algorithm, const char *suffix)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	static char path[128];

	assert_ok(ssum_algorithm(algorithm, &info));
	snprintf(path, sizeof(path), "%s/%s%s", in, info.manifest, suffix);
	return path;
}

static int create(const struct package_trial *package, ssum_report_fn *report)
{
	const struct ssum_create_options options = {
		.size = sizeof(options),
		.algorithms = package->algorithms,
		.checkpoints = package->no_checkpoints ? SSUM_NO_CHECKPOINTS : INTERVAL,
		.journal = package->journal,
		.resume = 1,
		.report = report,
		.user = (void *)package,
	};

	return ssum_create(trial_context, "p", &options, NULL);
}

static void change(const struct package_trial *package)
{
	int status;

	free(run_command(&status, "cd p && { %s; }", package->change ? package->change : ":"));
	ck_assert_int_eq(status, 0);
}

/* The right manifests, made by sha1sum and similar programs, in the directory "new". */
static void make_new(const struct package_trial *package)
{
	struct package_trial plain = *package;

	plain.journal = NULL;
	assert_ok(create(&plain, NULL));
	shell("cd p && for f in SHA1SUMS SHA256SUMS; do "
	      "[ ! -e $f ] || { grep -qx \"# symlink\tlink\ta\" $f && "
	      "grep -qx \"# folder\tempty\" $f && [ $(wc -l <$f) -eq 5 ] && "
	      "$(echo ${f%S} | tr A-Z a-z) -c --quiet --strict $f; }; done && "
	      "mkdir ../new && mv *SUMS* ../new");
}

static bool is_same_file(const char *a, const char *b)
{
	size_t a_length, b_length;

	if (access(a, F_OK) || access(b, F_OK))
		return false;
	char *a_data = read_file(a, &a_length), *b_data = read_file(b, &b_length);
	bool same = a_length == b_length && !memcmp(a_data, b_data, a_length);
	free(a_data);
	free(b_data);
	return same;
}

/* ---- Reports ---- */

static int check_report(void *user, const struct ssum_report *report)
{
	const struct package_trial *package = user;
	const char *path = report->path;
	const char *digest = report->found.digest && report->algorithm
				     ? right_digest(report->algorithm, path)
				     : NULL;
	char found[SSUM_HEX_MAX];

	switch (report->verdict) {
	case SSUM_HOLDS:
		hold(!report->error, "%s holds with an error", path);
		hold(!package->different || strcmp(path, package->different), "%s holds", path);
		break;
	case SSUM_DIFFERS:
		hold(package->different && !strcmp(path, package->different), "%s differs", path);
		break;
	case SSUM_MISSING:
		hold(package->missing && !strcmp(path, package->missing), "%s is missing", path);
		break;
	case SSUM_EXTRA:
		hold(package->extra && !strcmp(path, package->extra), "%s is extra", path);
		break;
	default:
		hold(report->error < 0, "%s has no error", path);
		hold(!report->found.digest, "%s has a digest and an error", path);
	}
	if (report->found.type == SSUM_TYPE_FILE && report->found.digest) {
		ssum_digest_hex(report->found.digest, found);
		hold(digest && !strcmp(digest, found), "%s has another digest", path);
	}
	return 0;
}

static int stop_at_link(void *user, const struct ssum_report *report)
{
	(void)user;
	return report->path && !strcmp(report->path, "link");
}

/* ---- Creation ---- */

static void prepare_create(const struct trial *trial)
{
	const struct package_trial *package = of(trial);

	for (size_t i = 0; package->algorithms[i]; i++) {
		write_text(manifest_path("p", package->algorithms[i], ""), OLD);
		write_text(manifest_path("p", package->algorithms[i], ".checkpoints"),
			   OLD_CHECKPOINTS);
	}
	if (package->journal)
		assert_code(create(package, stop_at_link), SSUM_ERR_CANCELLED);
}

static int run_create(const struct trial *trial)
{
	int rc = create(of(trial), check_report);

	trial_message(rc);
	return rc;
}

static bool is_text(const char *path, const char *expected)
{
	char *text = access(path, F_OK) ? NULL : read_file(path, NULL);
	bool is = text && !strcmp(text, expected);

	free(text);
	return is;
}

/* Checkpoints that are not valid any more are removed if possible. */
static void forget_old_checkpoints(const char *algorithm)
{
	const char *path = manifest_path("p", algorithm, ".checkpoints");
	if (is_text(path, OLD_CHECKPOINTS))
		unlink(path);
}

static void inspect_create(const struct trial *trial, int rc)
{
	const struct package_trial *package = of(trial);

	for (size_t i = 0; package->algorithms[i]; i++) {
		const char *path = manifest_path("p", package->algorithms[i], "");
		char expected[128];

		snprintf(expected, sizeof(expected), "new%s", strchr(path, '/'));
		bool is_old = is_text(path, OLD);
		hold(is_same_file(path, expected) || (rc && is_old),
		     "%s is neither the old nor the new file", path);
		strcat(expected, ".checkpoints");
		path = manifest_path("p", package->algorithms[i], ".checkpoints");
		if (package->no_checkpoints && is_old)
			hold(is_text(path, OLD_CHECKPOINTS), "%s does not exist", path);
		if (package->no_checkpoints)
			forget_old_checkpoints(package->algorithms[i]);
		else
			hold(is_same_file(path, expected) || (rc && is_text(path, OLD_CHECKPOINTS)),
			     "%s is neither the old nor the new file", path);
	}
	trial_assert_names("p", package->names);
}

#define CREATE .prepare = prepare_create, .run = run_create, .inspect = inspect_create

#define NAMES(manifest) manifest " " manifest ".checkpoints "
#define ENTRIES "a big empty link sub "

static const struct package_trial creations[] = {
	{.trial = {.name = "create", CREATE},
	 .algorithms = two,
	 .names = NAMES("SHA1SUMS") NAMES("SHA256SUMS") ENTRIES},
	{.trial = {.name = "create, resumed", CREATE},
	 .algorithms = sha1,
	 .journal = "journal",
	 .names = NAMES("SHA1SUMS") ENTRIES},
	{.trial = {.name = "create with temporary names", CREATE, .always = {"access", ENOENT}},
	 .algorithms = sha1,
	 .names = NAMES("SHA1SUMS") ENTRIES},
	{.trial = {.name = "create by libcrypto", CREATE},
	 .algorithms = provided,
	 .no_checkpoints = 1,
	 .names = "SHA3-256SUMS " ENTRIES},
	{.trial = {.name = "create next to another manifest", CREATE},
	 .algorithms = sha1,
	 .names = NAMES("SHA1SUMS") "SHA3-256SUMS " ENTRIES,
	 .change = "echo >SHA3-256SUMS"},
};

static void note(const char *test, uint64_t cases)
{
	note_tried(20, test, cases);
	note_tried(33, test, cases);
	note_tried(40, test, cases);
}

START_TEST(create_with_each_fault)
{
	const struct package_trial *package = &creations[_i];

	enter_scratch();
	know_all(package->algorithms);
	make_new(package);
	change(package);
	uint64_t cases = trial_run_both(&package->trial);
	scratch_leave();
	note(__func__, cases);
	tried(34, cases);
}
END_TEST

/* ---- Verification ---- */

static int verify(const struct package_trial *package, ssum_report_fn *report)
{
	const struct ssum_verify_options options = {
		.size = sizeof(options),
		.journal = package->journal,
		.resume = 1,
		.no_checkpoints = package->no_checkpoints,
		.explain = UINT64_MAX,
		.report = report,
		.user = (void *)package,
	};

	return ssum_verify(trial_context, "p", &options, NULL);
}

static void prepare_verify(const struct trial *trial)
{
	const struct package_trial *package = of(trial);

	if (package->journal)
		assert_code(verify(package, stop_at_link), SSUM_ERR_CANCELLED);
}

static int run_verify(const struct trial *trial)
{
	int rc = verify(of(trial), check_report);

	trial_message(rc);
	return rc;
}

#define VERIFY .prepare = prepare_verify, .run = run_verify

static const struct package_trial verifications[] = {
	{.trial = {.name = "verify", VERIFY}, .algorithms = two},
	{.trial = {.name = "verify without checkpoints", VERIFY},
	 .algorithms = sha1,
	 .no_checkpoints = 1},
	{.trial = {.name = "verify, resumed", VERIFY},
	 .algorithms = sha1,
	 .no_checkpoints = 1,
	 .journal = "journal"},
	{.trial = {.name = "verify without openat2", VERIFY, .always = {"openat2", ENOSYS}},
	 .algorithms = sha1},
	{.trial = {.name = "verify by libcrypto", VERIFY}, .algorithms = provided},
	{.trial = {.name = "verify by both", VERIFY}, .algorithms = both},
	{.trial = {.name = "verify a damaged package", VERIFY, .result = SSUM_DIFFERS},
	 .algorithms = sha1,
	 .change = "printf xy | dd of=big bs=1 seek=110000 conv=notrunc status=none",
	 .different = "big"},
	{.trial = {.name = "explain a damaged package", VERIFY, .result = SSUM_DIFFERS},
	 .algorithms = sha1,
	 .change = "printf xy | dd of=big bs=1 seek=110000 conv=notrunc status=none",
	 .no_checkpoints = 1,
	 .different = "big"},
	{.trial = {.name = "verify malformed checkpoints", VERIFY},
	 .algorithms = sha1,
	 .change = "sed -i '4s/^..../0000/' SHA1SUMS.checkpoints"},
	{.trial = {.name = "verify wrong checkpoints", VERIFY},
	 .algorithms = sha1,
	 .change = "grep -q '^file' SHA1SUMS.checkpoints && "
		   "sed -i '/^file/!s/^[0-9a-f]*$/0123456789abcdef0123456789abcdef01234567/' "
		   "SHA1SUMS.checkpoints"},
	{.trial = {.name = "verify a package with a moved file", VERIFY, .result = SSUM_DIFFERS},
	 .algorithms = sha1,
	 .change = "mv sub/c sub/d",
	 .missing = "sub/c",
	 .extra = "sub/d"},
};

START_TEST(verify_with_each_fault)
{
	const struct package_trial *package = &verifications[_i];
	uint64_t cases;

	enter_scratch();
	assert_ok(create(&(struct package_trial){.algorithms = package->algorithms}, NULL));
	change(package);
	know_all(package->algorithms);
	cases = trial_run_both(&package->trial);
	scratch_leave();
	note(__func__, cases);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{create_with_each_fault, ARRAY_SIZE(creations)},
		{verify_with_each_fault, ARRAY_SIZE(verifications)},
	};

	return run_suite("faults_package", tests, ARRAY_SIZE(tests));
}
