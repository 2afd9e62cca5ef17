/* SPDX-License-Identifier: MIT */
#include "support/made_package.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/oracle.h"

#define NODES_MADE 10

/* An algorithm that no generated manifest has. */
#define STRAY_MANIFEST "SHA384SUMS"

/* Names of entries. Some are below others, and some look like manifests. */
const char *const entry_names[ENTRY_NAMES] = {
	"a",
	"b",
	"c.img",
	"d/a",
	"d/b",
	"d/e/f",
	"d.x",
	"d",
	"d/e",
	"g",
	"g/h",
	"-",
	"new\nline",
	"back\\slash",
	"tab\tname",
	"ret\rurn",
	"\xff\xfe",
	"d/SHA1SUMS",
	"SHA224SUMS.checkpoints",
	"SHA1SUMS.checkpoints",
	STRAY_MANIFEST,
	"SHA1SUMS",
	"SHA256SUMS",
	"list",
};

const char *const entry_targets[ENTRY_TARGETS] = {
	"a", "nowhere", "/etc/passwd", "d", "x\ty\nz\\", "../..",
};

/* Names that only manifests get. They may be listed, but no other node gets them. */
#define NAMES_MADE (ENTRY_NAMES - 3)

struct made_package package;

static int root, outside, made_contents;
static char outside_path[80];

/* ---- The directory ---- */

/* Created paths, removed in reverse order. */
static struct made {
	int directory;
	char path[64];
	bool is_directory;
} made[128];
static size_t made_count;

static void package_note_made(int directory, const char *path, bool is_directory)
{
	require(made_count < sizeof(made) / sizeof(made[0]));
	made[made_count].directory = directory;
	made[made_count].is_directory = is_directory;
	snprintf(made[made_count++].path, sizeof(made[0].path), "%s", path);
}

void package_remove(void)
{
	while (made_count--)
		require(!unlinkat(made[made_count].directory, made[made_count].path,
				  made[made_count].is_directory ? AT_REMOVEDIR : 0));
	made_count = 0;
}

static void package_make_text(int directory, const char *path, const struct text *text)
{
	int fd = openat(directory, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	require(fd >= 0 && write(fd, text->bytes, text->length) == (ssize_t)text->length);
	close(fd);
	package_note_made(directory, path, false);
}

static void package_link_content(size_t content, const char *path)
{
	char name[16];

	snprintf(name, sizeof(name), "%zu", content);
	require(!linkat(made_contents, name, root, path, 0));
}

static struct model_node *package_node_at(const char *path)
{
	for (size_t i = 0; i < package.model.node_count; i++)
		if (!strcmp(package.model.nodes[i].path, path))
			return &package.model.nodes[i];
	return NULL;
}

static void package_forget_node(struct model_node *node)
{
	size_t last = --package.model.node_count;

	package.node_content[node - package.model.nodes] = package.node_content[last];
	*node = package.model.nodes[last];
}

/* Whether something can be created at a path: it does not exist, and all its parents are
   directories. Creates the parents. Directories that become non-empty are not entries any more. */
static bool package_make_way(const char *path)
{
	char above[64];
	struct stat st;

	if (!fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
		struct model_node *node = package_node_at(above);

		if (node && node->type != SSUM_TYPE_DIRECTORY)
			return false;
		if (node)
			package_forget_node(node);
		else if (!mkdirat(root, above, 0700))
			package_note_made(root, above, true);
	}
	return true;
}

/* Whether a file with this name would be read as a manifest. */
static bool package_names_manifest(const char *path)
{
	return !strncmp(path, "SHA", 3) && !strchr(path, '.');
}

/* Checkpoints beside a manifest are not an entry either. */
static void package_note_checkpoints(void)
{
	for (size_t i = 0; i < package.model.node_count; i++) {
		struct model_node *node = &package.model.nodes[i];
		const char *dot = strchr(node->path, '.');
		char manifest[64];

		if (node->type != SSUM_TYPE_FILE || !dot || strcmp(dot, ".checkpoints") != 0)
			continue;
		snprintf(manifest, sizeof(manifest), "%.*s", (int)(dot - node->path), node->path);
		const struct model_node *beside = package_node_at(manifest);
		if (beside && beside->type != SSUM_TYPE_DIRECTORY)
			node->is_manifest = true;
	}
}

/* The type of a node; most are files. */
enum made_kind { MADE_FILE, MADE_SYMLINK, MADE_DIRECTORY, MADE_FIFO, MADE_KINDS = 8 };

static void package_make_node(const char *path, enum made_kind kind)
{
	size_t content = take_below(&package.program, CONTENTS);
	struct model_node node = {.path = path, .target = entry_targets[content % ENTRY_TARGETS]};

	if (package.model.node_count == NODES_MADE || !package_make_way(path))
		return;
	switch (kind) {
	case MADE_SYMLINK:
		node.type = SSUM_TYPE_SYMLINK;
		require(!symlinkat(node.target, root, path));
		break;
	case MADE_DIRECTORY:
		node.type = SSUM_TYPE_DIRECTORY;
		require(!mkdirat(root, path, 0700));
		break;
	case MADE_FIFO:
		node.type = SSUM_TYPE_FIFO;
		require(!mkfifoat(root, path, 0600));
		break;
	default:
		if (!strcmp(path, STRAY_MANIFEST))
			content %= 3; /* otherwise each of its lines would be reported */
		node.type = SSUM_TYPE_FILE;
		node.digests = contents[content].digests;
		node.is_manifest = package_names_manifest(path);
		package_link_content(content, path);
		break;
	}
	package_note_made(root, path, kind == MADE_DIRECTORY);
	package.node_content[package.model.node_count] = content;
	package.model.nodes[package.model.node_count++] = node;
}

static void package_make_nodes(void)
{
	for (uint64_t left = take_below(&package.program, NODES_MADE + 1); left; left--) {
		const char *path = entry_names[take_below(&package.program, NAMES_MADE)];

		package_make_node(path, (enum made_kind)take_below(&package.program, MADE_KINDS));
	}
}

/* ---- Manifests ---- */

static void package_make_manifest(size_t manifest, size_t node_count)
{
	const struct text *text = &package.texts[manifest];
	const char *name = content_algorithms[package.model.manifests[manifest].algorithm].manifest;

	package_write_lines(manifest, node_count);
	for (size_t i = 0; i < CONTENT_ALGORITHMS; i++)
		package.manifest_digests[manifest][i] =
			oracle_of_bytes(content_algorithms[i].name, text->bytes, text->length);
	package.model.manifests[manifest].content_hash =
		package.manifest_digests[manifest][package.model.manifests[manifest].algorithm];
	if (package.placement == LIST)
		name = "list";
	package_make_text(package.placement == OUTSIDE ? outside : root, name, text);
	snprintf(package.manifest_paths[manifest], sizeof(package.manifest_paths[0]), "%s%s%s",
		 package.placement == AT_TOP    ? ""
		 : package.placement == OUTSIDE ? outside_path
						: package.path,
		 package.placement == AT_TOP ? "" : "/", name);
	if (package.placement != OUTSIDE)
		package.model.nodes[package.model.node_count++] =
			(struct model_node){.path = name,
					    .type = SSUM_TYPE_FILE,
					    .digests = package.manifest_digests[manifest],
					    .is_manifest = true};
}

/* Another object with the name of a manifest, of an algorithm that is not used otherwise. */
static int package_stray_error(const struct model_node *node)
{
	return node->type == SSUM_TYPE_SYMLINK ? SSUM_ERR_SYMLINK
	       : node->type == SSUM_TYPE_FIFO  ? SSUM_ERR_NOT_REGULAR
					       : SSUM_ERR_EMPTY;
}

static void package_make_manifests(void)
{
	size_t node_count = package.model.node_count;
	const struct model_node *stray = package_node_at(STRAY_MANIFEST);
	uint64_t mask = 1 + take_below(&package.program, (1 << CONTENT_ALGORITHMS) - 1);

	package.placement = (enum placement)take_below(&package.program, PLACEMENTS);
	if (package.placement == LIST)
		mask &= -mask;
	for (size_t i = 0; i < CONTENT_ALGORITHMS; i++) {
		/* It is read before "SHA512SUMS". */
		if (i == 3 && stray && stray->type != SSUM_TYPE_DIRECTORY &&
		    package.placement == AT_TOP)
			package.model.manifests[package.model.manifest_count++].error =
				package_stray_error(stray);
		if (package.model.manifest_count == MODEL_MANIFESTS || !(mask >> i & 1))
			continue;
		package.model.manifests[package.model.manifest_count].algorithm = i;
		package_make_manifest(package.model.manifest_count++, node_count);
	}
}

/* ---- Checkpoints ---- */

size_t package_content_of(const struct model_row *row)
{
	size_t algorithm = package.model.manifests[row->manifest].algorithm;
	size_t content = 0;

	while (content < CONTENTS && memcmp(contents[content].digests[algorithm].bytes,
					    row->digest.bytes, row->digest.length) != 0)
		content++;
	return content;
}

static size_t package_checkpoint_rows(size_t manifest, size_t interval,
				      const struct model_row **rows)
{
	size_t count = 0;

	for (size_t i = 0; i < package.model.row_count; i++) {
		const struct model_row *row = &package.model.rows[i];
		size_t content;

		if (row->manifest != manifest || row->type != SSUM_TYPE_FILE ||
		    model_is_duplicate(&package.model, i))
			continue;
		content = package_content_of(row);
		if (content == CONTENTS || contents[content].length <= interval)
			continue;
		size_t at = count++;
		for (; at && strcmp(rows[at - 1]->path, row->path) > 0; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
	return count;
}

enum made_checkpoints {
	NO_CHECKPOINTS,
	CORRECT,
	INTERVAL_DOUBLED, /* correct, with the interval doubled */
	VALUE_CHANGED,    /* one bit in one value */
	VALUES_OF_FOUND,  /* the values of the content of the file, with the listed digest */
	OTHER_CONTENT,    /* length and values of another content, with the listed digest */
	STALE,            /* everything of another content */
	TRUNCATED,
	REVERSED,
	OTHER_ALGORITHM,
	GARBAGE,
	NOT_A_FILE,
	MADE_CHECKPOINTS
};

static void text_put_entry(struct text *text, size_t algorithm, const struct model_row *row,
			   size_t content, size_t interval, const struct ssum_digest *digest)
{
	const struct content *of = &contents[content];

	text_put(text, "file\t%zu\t%zu\t", of->length, interval);
	text_put_hex(text, digest, false);
	text_put(text, "\t");
	text_put_name(text, row->path, true);
	text_put(text, "\n");
	for (size_t at = interval; at < of->length; at += interval) {
		text_put_hex(text, &of->values[algorithm][at / CONTENT_UNIT - 1], false);
		text_put(text, "\n");
	}
}

/* The content from which the checkpoints of an entry are computed. */
static size_t package_checkpoints_content(enum made_checkpoints kind, const struct model_row *row,
					  size_t interval, size_t other)
{
	const struct model_node *node = package_node_at(row->path);
	size_t content = package_content_of(row);

	if (kind == VALUES_OF_FOUND && node && node->type == SSUM_TYPE_FILE && !node->is_manifest)
		content = package.node_content[node - package.model.nodes];
	if (kind == OTHER_CONTENT || kind == STALE)
		content = other;
	return contents[content].length > interval ? content : package_content_of(row);
}

static void package_make_checkpoints(size_t manifest)
{
	static struct text text;
	const struct model_row *rows[MODEL_ROWS];
	size_t algorithm = package.model.manifests[manifest].algorithm;
	enum made_checkpoints kind =
		(enum made_checkpoints)take_below(&package.program, MADE_CHECKPOINTS);
	size_t interval = kind == INTERVAL_DOUBLED ? 2 * CONTENT_UNIT : CONTENT_UNIT;
	size_t count = package_checkpoint_rows(manifest, interval, rows);
	uint64_t place = take_below(&package.program, 65536);
	int directory = package.placement == OUTSIDE ? outside : root;
	char path[64];

	snprintf(path, sizeof(path), "%s.checkpoints",
		 package.placement == LIST ? "list" : content_algorithms[algorithm].manifest);
	struct model_node *node = directory == root ? package_node_at(path) : NULL;
	if (node)
		package.checkpoints_fit = false; /* an entry already has this path */
	if (node || kind == NO_CHECKPOINTS || !content_algorithms[algorithm].has_checkpoints)
		return;
	package.checkpoints_fit = package.checkpoints_fit && kind <= INTERVAL_DOUBLED;
	text.length = 0;
	text_put(&text, "sparsesum-checkpoints 1 %s\n",
		 kind == OTHER_ALGORITHM ? "sha384" : content_algorithms[algorithm].name);
	size_t head = text.length;
	if (kind == GARBAGE)
		text_put(&text, "file\tgarbage\n");
	for (size_t i = 0; i < count; i++) {
		const struct model_row *row = rows[kind == REVERSED ? count - 1 - i : i];
		size_t content = package_checkpoints_content(kind, row, interval, place % CONTENTS);

		text_put_entry(&text, algorithm, row, content, interval,
			       kind == STALE ? &contents[content].digests[algorithm]
					     : &row->digest);
	}
	if (kind == VALUE_CHANGED && text.length > head) {
		char *byte = &text.bytes[head + place % (text.length - head)];

		if ((*byte >= '0' && *byte <= '8') || (*byte >= 'a' && *byte <= 'e'))
			++*byte;
	}
	if (kind == TRUNCATED)
		text.length = place % (text.length + 1);
	if (kind == NOT_A_FILE) {
		require(!mkdirat(directory, path, 0700));
		package_note_made(directory, path, true);
	} else {
		package_make_text(directory, path, &text);
	}
	if (directory == outside)
		return;
	/* Digests count only if a manifest lists the checkpoints file. */
	for (size_t i = 0; i < package.model.row_count; i++)
		if (!strcmp(package.model.rows[i].path, path))
			for (size_t k = 0; k < CONTENT_ALGORITHMS; k++)
				package.checkpoint_digests[manifest][k] = oracle_of_bytes(
					content_algorithms[k].name, text.bytes, text.length);
	package.model.nodes[package.model.node_count++] = (struct model_node){
		.path = made[made_count - 1].path,
		.type = kind == NOT_A_FILE ? SSUM_TYPE_DIRECTORY : SSUM_TYPE_FILE,
		.digests = package.checkpoint_digests[manifest],
		.is_manifest = kind != NOT_A_FILE,
	};
}

/* ---- The package ---- */

static void package_make_places(void)
{
	const char *directory = fuzz_directory();
	char path[96];

	if (package.path[0])
		return;
	snprintf(package.path, sizeof(package.path), "%s/package", directory);
	snprintf(outside_path, sizeof(outside_path), "%s/outside", directory);
	snprintf(path, sizeof(path), "%s/contents", directory);
	require(!mkdir(package.path, 0700) && !mkdir(outside_path, 0700) && !mkdir(path, 0700));
	root = open(package.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	outside = open(outside_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	made_contents = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(root >= 0 && outside >= 0 && made_contents >= 0);
	contents_make(made_contents);
}

void package_begin(const uint8_t *data, size_t length)
{
	package_make_places();
	package.program = (struct program){data, length};
	package.model.node_count = package.model.row_count = package.model.manifest_count = 0;
	memset(package.model.manifests, 0, sizeof(package.model.manifests));
	memset(package.model.excluded, 0, sizeof(package.model.excluded));
	package.model.content_hash = NULL;
	package.checkpoints_fit = true;
}

void package_make(void)
{
	package_make_nodes();
	package_make_manifests();
	for (size_t i = 0; i < package.model.manifest_count; i++)
		if (!package.model.manifests[i].error)
			package_make_checkpoints(i);
	package_note_checkpoints();
}

void package_replace_file(void)
{
	size_t index = take_below(&package.program, 2 * NODES_MADE);
	size_t content = take_below(&package.program, CONTENTS);
	struct model_node *node = index ? &package.model.nodes[--index] : NULL;

	if (!node || index >= package.model.node_count || node->type != SSUM_TYPE_FILE ||
	    node->is_manifest)
		return;
	require(!unlinkat(root, node->path, 0));
	package_link_content(content, node->path);
	node->digests = contents[content].digests;
	package.node_content[index] = content;
}
