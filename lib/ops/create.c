/* SPDX-License-Identifier: MIT */
/* ssum_create(): write the manifests of a directory and the checkpoints next to them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/context.h"
#include "io/atomic_file.h"
#include "io/opening.h"
#include "manifest/manifest.h"
#include "ops/manifests.h"
#include "ops/resumable.h"

/* A manifest that is being written, and the checkpoints next to it. */
struct output {
	char *path;       /* for reports */
	const char *name; /* its last component */
	int dir;          /* the directory of the manifest */
	struct atomic_file file;
	struct ssum_stream content;
	struct ssum_digest content_hash; /* set by create_output_commit() */

	char *checkpoints_name;
	struct atomic_file checkpoints; /* fd is -1 until there are any */
};

/* A file that was hashed. Its status is read again before the manifests are written. */
struct hashed_file {
	size_t path_at; /* index into creation.paths */
	struct file_identity identity;
};

struct creation {
	struct operation operation;
	struct ssum_create_options options;
	const char *directory;
	int root;
	struct algorithms algorithms;
	struct output *outputs; /* one per algorithm */
	size_t output_count;
	struct manifest_set manifests; /* of the package, and the outputs: they are not entries */
	struct resume resume;
	struct resumable_options hashing;
	struct ssum_tree tree;
	struct hashed_file *hashed;
	size_t hashed_count, hashed_capacity;
	struct bytes paths;
};

/* One entry of the directory. */
struct create_job {
	struct job job;
	struct resumable hash; /* of a file */
	enum ssum_type type;
	char *path;
	char *target; /* of a symlink */
	uint64_t length;
	int error; /* an error that was found before the span runs */
	struct ssum_digest digests[];
};

/* ---- Outputs ---- */

/* Begin a manifest at the caller's path; or with path NULL in the directory root, with the name of
   its algorithm. create_output_end() follows even after a failure. */
static int create_output_begin(struct output *output, int root, const char *path,
			       const struct algorithm *algorithm)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	int rc = path ? 0 : ssum_algorithm(algorithm->name, &info);

	*output = (struct output){.dir = -1, .file.fd = -1, .checkpoints.fd = -1};
	if (rc)
		return rc;
	output->path = strdup(path ? path : info.manifest);
	if (!output->path)
		return -ENOMEM;
	output->name = output->path;
	output->dir = path ? directory_open_above(AT_FDCWD, output->path, &output->name)
			   : directory_open_or_dup(&root, NULL);
	if (output->dir < 0)
		return output->dir;
	if (!*output->name)
		return -EISDIR;
	output->checkpoints_name = checkpoint_file_path(output->name);
	if (!output->checkpoints_name)
		return -ENOMEM;
	rc = atomic_file_begin(&output->file, output->dir, output->name);
	return rc ? rc : stream_init(&output->content, algorithm);
}

/* Whether the file with the name of the checkpoints may be replaced: 1, also if there is none; 0 if
   it is another file; -errno or SSUM_ERR_CANCELLED. No content is lost with an empty file. */
static int create_owns_checkpoints(const struct output *output, const struct ssum_context *context)
{
	int fd = opening_wait(context, output->dir, output->checkpoints_name, O_RDONLY | O_NOFOLLOW,
			      0);
	struct stat st;
	int owns;

	if (fd < 0)
		return fd == -ENOENT ? 1 : fd == -ELOOP ? 0 : fd;
	owns = fstat(fd, &st)         ? -errno
	       : !S_ISREG(st.st_mode) ? 0
	       : !st.st_size          ? 1
				      : is_checkpoints_file(fd);
	close(fd);
	return owns;
}

/* Rename the checkpoints to their final name, then the manifest. After a failure, the previous
   manifest is unchanged. */
static int create_output_commit(struct output *output, const struct ssum_context *context)
{
	int rc = ssum_stream_final(&output->content, &output->content_hash);
	bool has_checkpoints = output->checkpoints.fd >= 0;

	if (!rc && has_checkpoints)
		rc = atomic_file_commit(&output->checkpoints);
	if (!rc)
		rc = atomic_file_commit(&output->file);
	if (rc || has_checkpoints)
		return rc;

	/* Remove the checkpoints of the previous manifest. */
	if (create_owns_checkpoints(output, context) == 1)
		unlinkat(output->dir, output->checkpoints_name, 0);
	return 0;
}

static void create_output_end(struct output *output)
{
	stream_clear(&output->content);
	atomic_file_end(&output->file);
	atomic_file_end(&output->checkpoints);
	if (output->dir >= 0)
		close(output->dir);
	free(output->checkpoints_name);
	free(output->path);
}

/* ---- Writing ---- */

/* Set the message for an error of an output. Its path is the caller's, or relative to the
   directory. */
static void create_fail(struct creation *creation, int code, const char *path)
{
	context_fail(creation->operation.context, code,
		     creation->options.manifest ? NULL : creation->directory, path);
}

/* Write the line and the checkpoints of an entry, for each algorithm. */
static int create_write_entry(struct creation *creation, const struct create_job *job)
{
	const struct ssum_checkpoints *checkpoints = job->hash.sink.checkpoints;
	/* A file "-" is listed as "./-": sha1sum would read the standard input instead. */
	const char *name = strcmp(job->path, "-") ? job->path : "./-";
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		struct output *output = &creation->outputs[i];
		struct bytes line = {0}, text = {0};
		bool has_checkpoints = checkpoints && checkpoints[i].count;

		if (job->type == SSUM_TYPE_FILE)
			rc = manifest_append_file(&line, 0, &creation->algorithms.rows[i],
						  &job->digests[i], name);
		else
			rc = manifest_append_comment(&line, job->path, job->target);
		if (!rc)
			rc = atomic_file_write(&output->file, line.data, line.length);
		if (!rc)
			rc = ssum_stream_update(&output->content, line.data, line.length);

		/* The first checkpoints begin the file of checkpoints. */
		if (!rc && has_checkpoints && output->checkpoints.fd < 0) {
			rc = atomic_file_begin(&output->checkpoints, output->dir,
					       output->checkpoints_name);
			if (!rc)
				rc = checkpoints_append_head(&text, checkpoints[i].algorithm);
		}
		if (!rc && has_checkpoints)
			rc = checkpoints_append(&text, &checkpoints[i]);
		if (!rc && has_checkpoints)
			rc = atomic_file_write(&output->checkpoints, text.data, text.length);
		if (rc)
			create_fail(creation, rc, output->path);
		bytes_free(&line);
		bytes_free(&text);
	}
	return rc;
}

/* ---- Entries ---- */

static void create_job_free(struct create_job *job)
{
	resumable_clear(&job->hash);
	free(job->target);
	free(job->path);
	free(job);
}

static struct create_job *create_job_new(struct creation *creation,
					 const struct ssum_tree_entry *entry)
{
	const struct algorithms *algorithms = &creation->algorithms;
	struct create_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));
	int rc = 0;

	if (!job)
		return NULL;
	resumable_init(&job->hash, &job->job, algorithms, job->digests);
	job->type = entry->type;
	job->length = entry->length;
	job->error = entry->error;
	job->path = strdup(entry->path);
	job->job.path = job->path;
	if (!job->path) {
		rc = -ENOMEM;
	} else if (job->error) {
		/* The entry is only reported. */
	} else if (job->type == SSUM_TYPE_FILE) {
		rc = resumable_set(&job->hash, &creation->hashing, job->length);
	} else if (job->type == SSUM_TYPE_SYMLINK) {
		job->error = beneath_readlink(creation->root, job->path, &job->target);
	} else if (job->type != SSUM_TYPE_DIRECTORY) {
		/* A manifest cannot list it. Opening it could have side effects. */
		job->error = SSUM_ERR_NOT_REGULAR;
	}
	if (rc) {
		create_job_free(job);
		return NULL;
	}
	return job;
}

static int create_next(void *user, struct span **span)
{
	struct creation *creation = user;
	struct ssum_tree *tree = &creation->tree;
	struct create_job *job;
	int rc;

	/* The next entry that is not a manifest. */
	do {
		rc = walk_advance(tree);
		if (rc || !tree->current)
			return rc;
	} while (manifest_set_has(&creation->manifests, tree));

	job = create_job_new(creation, tree->current);
	if (!job)
		return -ENOMEM;
	operation_due(&creation->operation, &job->job, resumable_due(&job->hash, job->length));
	*span = &job->job.span;
	return 1;
}

/* Remember the identity of a file that was hashed. 0 or -ENOMEM. */
static int create_remember(struct creation *creation, const struct create_job *job)
{
	struct hashed_file file = {.path_at = creation->paths.length,
				   .identity = resumable_identity(&job->hash)};
	int rc = array_reserve(&creation->hashed, &creation->hashed_capacity,
			       creation->hashed_count + 1, sizeof(file));

	if (!rc)
		rc = bytes_append(&creation->paths, job->path, strlen(job->path) + 1);
	if (!rc)
		creation->hashed[creation->hashed_count++] = file;
	return rc;
}

static int create_done(void *user, struct span *span, struct span **follow_up)
{
	struct creation *creation = user;
	struct create_job *job = container_of(span, struct create_job, job.span);
	int error = job->error ? job->error : span->result;
	bool has_digest = !error && job->type == SSUM_TYPE_FILE;
	int rc = 0;

	/* The file is not the one that the journal describes: hash it from the beginning. */
	if (span->source && resumable_done(&job->hash, &job->length)) {
		*follow_up = span;
		return 0;
	}
	if (!error)
		rc = checkpoint_sink_finish(&job->hash.sink, job->path, job->length);
	if (!rc && !error)
		rc = create_write_entry(creation, job);
	if (!rc && has_digest)
		rc = create_remember(creation, job);
	creation->operation.summary.bytes += span->source ? job->length : 0;
	creation->operation.summary.resumed += span->start;
	creation->operation.files_done++;
	if (!rc) {
		struct ssum_report report = {
			.verdict = error ? verdict_of_error(error) : SSUM_HOLDS,
			.error = error,
			.path = job->path,
			.algorithm = has_digest ? creation->algorithms.rows[0].name : NULL,
			.found = {.type = job->type,
				  .length = job->length,
				  .digest = has_digest ? &job->digests[0] : NULL,
				  .target = error ? NULL : job->target},
			.changes = error == SSUM_ERR_CHANGED ? span->changes : 0,
			.read_twice = has_digest && span->read_twice,
		};

		rc = operation_report(&creation->operation, &report);
	}
	create_job_free(job);
	return rc;
}

static void create_drop(void *user, struct span *span)
{
	(void)user;
	create_job_free(container_of(span, struct create_job, job.span));
}

/* List all entries. 0, SSUM_ERR_UNDECIDED if one could not be listed, or another code. */
static int create_list_entries(struct creation *creation)
{
	const struct pool_client client = {
		.next = create_next,
		.done = create_done,
		.drop = create_drop,
		.user = creation,
		.files = 1,
	};
	const struct ssum_summary *summary = &creation->operation.summary;
	int rc = walk_init(&creation->tree, creation->operation.context, creation->root,
			   &creation->options.filter);

	if (rc)
		return rc;
	rc = operation_run(&creation->operation, client);
	walk_clear(&creation->tree);
	if (rc)
		return rc;
	if (summary->count[SSUM_HOLDS] < summary->entries)
		return SSUM_ERR_UNDECIDED;
	return summary->entries ? 0 : SSUM_ERR_EMPTY;
}

/* ---- Files that changed after they were hashed ---- */

/* Report each file that changed after it was hashed. 0, SSUM_ERR_UNDECIDED if there are any and the
   options do not allow that, or another code. */
static int create_look_again(struct creation *creation)
{
	bool changed = false;
	int rc = 0;

	for (size_t i = 0; i < creation->hashed_count && !rc; i++) {
		const struct hashed_file *file = &creation->hashed[i];
		const char *path = creation->paths.data + file->path_at;
		struct file_identity identity;
		struct stat st;
		int error = fstatat(creation->root, path, &st, AT_SYMLINK_NOFOLLOW) ? errno : 0;

		if (context_cancelled(creation->operation.context))
			return SSUM_ERR_CANCELLED;
		if (error == ENAMETOOLONG) {
			int fd = beneath_open(creation->root, path, O_PATH);

			error = fd < 0 ? -fd : fstat(fd, &st) ? errno : 0;
			if (fd >= 0)
				close(fd);
		}
		/* What cannot be looked at has not been seen to change. */
		if (error && error != ENOENT && error != ENOTDIR) {
			context_fail(creation->operation.context, -error, creation->directory,
				     path);
			return -error;
		}
		identity = identity_of(&st);
		if (!error && identity_equal(&identity, &file->identity))
			continue;
		changed = true;
		struct ssum_report report = {
			.kind = SSUM_REPORT_STALE,
			.verdict = SSUM_CHANGED,
			.error = SSUM_ERR_CHANGED,
			.path = path,
			.found = {.type = error ? SSUM_TYPE_UNKNOWN : type_of_mode(st.st_mode),
				  .length = error ? 0 : (uint64_t)st.st_size},
		};
		rc = operation_report(&creation->operation, &report);
	}
	return rc || !changed || creation->options.allow_changed ? rc : SSUM_ERR_UNDECIDED;
}

/* ---- The operation ---- */

/* Open the journal. Its key is the directory and the options. */
static int create_begin_resume(struct creation *creation)
{
	const struct ssum_create_options *options = &creation->options;
	struct resume_key key;
	int rc =
		resume_key_begin(&key, "create", creation->root,
				 creation->operation.context->options.holes, &creation->algorithms);

	if (!rc)
		rc = resume_key_add(&key, &options->checkpoints, sizeof(options->checkpoints));
	if (!rc && options->manifest)
		rc = resume_key_add(&key, options->manifest, strlen(options->manifest));
	if (!rc)
		rc = resume_begin(&creation->resume, options->journal, &key, options->resume,
				  &creation->algorithms);
	resume_key_end(&key);
	return rc;
}

/* Begin the outputs, one per algorithm. Exclude them and the package's other manifests from the
   entries. */
static int create_begin_outputs(struct creation *creation)
{
	struct manifest_set *set = &creation->manifests;
	size_t count = creation->algorithms.count;
	int rc = 0;

	creation->outputs = calloc(count, sizeof(*creation->outputs));
	if (!creation->outputs)
		return -ENOMEM;
	rc = manifest_set_add_package(set, creation->operation.context, creation->root);
	/* Temporary names are excluded too, also those of another process that writes manifests of
	   the same directory. */
	set->with_temporaries = true;
	for (size_t i = 0; i < count && !rc; i++) {
		struct output *output = &creation->outputs[creation->output_count++];

		rc = create_output_begin(output, creation->root, creation->options.manifest,
					 &creation->algorithms.rows[i]);
		if (!rc)
			rc = manifest_set_add(set, output->dir, output->name);
		if (!rc)
			rc = manifest_set_add_checkpoints(set, output->dir, output->name);
		if (rc && output->path)
			create_fail(creation, rc, output->path);
		if (rc || creation->options.checkpoints == SSUM_NO_CHECKPOINTS ||
		    !creation->algorithms.rows[i].family)
			continue;
		rc = create_owns_checkpoints(output, creation->operation.context);
		if (rc != 1) {
			char *path = checkpoint_file_path(output->path);

			rc = !path ? -ENOMEM : !rc ? SSUM_ERR_MALFORMED : rc;
			create_fail(creation, rc, path ? path : output->path);
			free(path);
		} else {
			rc = 0;
		}
	}
	return rc;
}

/* Create a package with creation->options. On failure *culprit is the object of the error, unless
   the message is set already. */
static int create_package(struct creation *creation, const char **culprit)
{
	struct ssum_create_options *options = &creation->options;
	int rc = algorithms_find(options->algorithms, &creation->algorithms, culprit);

	if (rc)
		return rc;
	if (!options->checkpoints)
		options->checkpoints = SSUM_CHECKPOINT_INTERVAL;
	if (options->checkpoints != SSUM_NO_CHECKPOINTS &&
	    !checkpoint_interval_is_valid(options->checkpoints))
		return SSUM_ERR_OPTIONS;
	if (options->manifest && creation->algorithms.count > 1)
		return SSUM_ERR_OPTIONS;

	*culprit = creation->directory;
	creation->root = directory_open_or_dup(options->directory_fd, creation->directory);
	if (creation->root < 0)
		return creation->root;
	creation->hashing = (struct resumable_options){
		.operation = &creation->operation,
		.resume = &creation->resume,
		.algorithms = &creation->algorithms,
		.root = creation->root,
		.interval = options->checkpoints,
	};
	creation->operation.resume = &creation->resume;
	rc = create_begin_resume(creation);
	if (!rc)
		rc = create_begin_outputs(creation);
	if (!rc)
		rc = create_list_entries(creation);
	if (!rc)
		rc = create_look_again(creation);

	/* Report the manifests only when all of them have their names. */
	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		rc = create_output_commit(&creation->outputs[i], creation->operation.context);
		if (rc)
			create_fail(creation, rc, creation->outputs[i].path);
	}
	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		struct ssum_report report = {
			.kind = SSUM_REPORT_MANIFEST,
			.verdict = SSUM_HOLDS,
			.path = creation->outputs[i].path,
			.algorithm = creation->algorithms.rows[i].name,
			.found.digest = &creation->outputs[i].content_hash,
			.error = creation->outputs[i].file.owner_lost ? -EPERM : 0,
		};

		rc = operation_report(&creation->operation, &report);
	}
	return rc;
}

int ssum_create(struct ssum_context *context, const char *directory,
		const struct ssum_create_options *options, struct ssum_summary *summary)
{
	struct creation creation = {.directory = directory, .root = -1, .resume.fd = -1};
	const char *culprit = NULL;
	int rc = options_copy_in(&creation.options, sizeof(creation.options), options);

	operation_begin(&creation.operation, context, creation.options.report,
			creation.options.user);
	/* Refuse a summary of unknown size before a manifest is replaced. */
	if (!rc)
		rc = options_check_out(summary);
	if (!rc)
		rc = create_package(&creation, &culprit);
	resume_end(&creation.resume, rc, &creation.operation.summary);

	for (size_t i = 0; i < creation.output_count; i++)
		create_output_end(&creation.outputs[i]);
	free(creation.outputs);
	manifest_set_free(&creation.manifests);
	free(creation.hashed);
	bytes_free(&creation.paths);
	algorithms_release(&creation.algorithms);
	if (creation.root >= 0)
		close(creation.root);
	return operation_end(&creation.operation, rc, summary, culprit);
}
