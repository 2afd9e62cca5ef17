/* SPDX-License-Identifier: MIT */
/* Run a fuzz target over its stored inputs, each in its own process, as a suite of tests. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "support/files.h"
#include "support/fuzz.h"
#include "support/suite.h"

static char directory[256];
static struct dirent **kept;

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

START_TEST(stored_input)
{
	char *path = path_in(directory, kept[_i]->d_name);
	size_t length;
	char *data = read_file(path, &length);

	fprintf(stderr, "%s\n", path);
	ck_assert_int_eq(LLVMFuzzerTestOneInput((const uint8_t *)data, length), 0);
	free(data);
	free(path);
}
END_TEST

int main(int argc, char **argv)
{
	struct test tests[] = {{stored_input, 0}};
	const char *name = strrchr(argv[0], '_');
	int count;

	(void)argc;
	if (!name)
		return EXIT_FAILURE;
	snprintf(directory, sizeof(directory), "tests/fuzz/corpus/%s", name + 1);
	count = scandir(directory, &kept, is_file, alphasort);
	if (count <= 0) {
		fprintf(stderr, "%s: no inputs: %s\n", directory, strerror(errno));
		return EXIT_FAILURE;
	}
	tests[0].loops = count;

	int status = run_suite(strrchr(argv[0], '/') + 1, tests, 1);
	for (int i = 0; i < count; i++)
		free(kept[i]);
	free(kept);
	return status;
}
