/* SPDX-License-Identifier: MIT */
/* What the files of the command line share, grouped by the file that holds it. */
#ifndef SPARSESUM_CLI_H
#define SPARSESUM_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "sparsesum.h"

#define PROGRAM "sparsesum"
#define PRINTF(text, values) __attribute__((format(printf, text, values)))

/* main.c: the name that messages begin with, the commands, and which of them is running (NULL
   before that is known). */

extern const char *program;

enum status { ALL_HOLDS = 0, PROVEN_DIFFERENT = 1, UNDECIDED = 2 };

struct run;

struct command {
	const char *name;
	unsigned bit;      /* its place in the sets of option rows */
	const char *usage; /* what follows the options */
	int least, most;   /* operands; most is -1 for any number */
	int trouble;       /* the exit status for errors that are no verdict */
	bool streams;      /* reads what may never answer: standard input, FIFOs */
	int (*run)(const struct run *run);
	const char *summary;
	const char *details;
};

extern const struct command commands[];
extern const struct command *current;
int trouble(void);
int status_of(int code);

int cmd_hash(const struct run *run);
int cmd_check(const struct run *run);
int cmd_create(const struct run *run);
int cmd_verify(const struct run *run);
int cmd_compare(const struct run *run);
int cmd_map(const struct run *run);
int cmd_explain(const struct run *run);

/* options.c */

enum {
	HASH = 1 << 0,
	CHECK = 1 << 1,
	CREATE = 1 << 2,
	VERIFY = 1 << 3,
	COMPARE = 1 << 4,
	MAP = 1 << 5,
	EXPLAIN = 1 << 6,
	EVERYWHERE = (1 << 7) - 1,
	SUM = 1 << 7,     /* a personality */
	SUM_TOO = 1 << 8, /* what it has beyond the program that it is */
	AS_SHA1SUM = HASH | CHECK | SUM,
	SELECTING = HASH | CREATE | VERIFY | COMPARE
};

enum {
	OPT_BINARY = 1 << 0,
	OPT_TEXT = 1 << 1,
	OPT_TAG = 1 << 2,
	OPT_ZERO = 1 << 3,
	OPT_RECURSIVE = 1 << 4,
	OPT_QUIET = 1 << 5,
	OPT_STATUS = 1 << 6,
	OPT_WARN = 1 << 7,
	OPT_STRICT = 1 << 8,
	OPT_IGNORE_MISSING = 1 << 9,
	OPT_ALLOW_EXTRA = 1 << 10,
	OPT_VERBOSE = 1 << 11,
	OPT_JSON = 1 << 12,
	OPT_PROGRESS = 1 << 13,
	OPT_NO_PROGRESS = 1 << 14,
	OPT_HELP = 1 << 15,
	OPT_VERSION = 1 << 16,
	OPT_CHECKPOINTS = 1 << 17,
	OPT_REPAIR_LIST = 1 << 18,
	OPT_RESUME = 1 << 19,
	OPT_RANGES = 1 << 20,
	OPT_CHECK = 1 << 21,
	OPT_NULL = 1 << 22
};

/* Strings in order; items ends in NULL, and is NULL when there are none. */
struct list {
	char **items;
	size_t count;
};

struct selection;

struct options {
	unsigned flags;
	struct list algorithms; /* as ssum_algorithm() spells them */
	struct list manifests;
	const char *output;
	const char *junit;
	const char *format;          /* that was asked for by name; or NULL */
	uint64_t checkpoints;        /* their interval; 0: the default */
	uint64_t explain;            /* files that differ, to be explained */
	struct selection *selection; /* or NULL: everything */
	bool has_content_hash;
	struct ssum_digest content_hash;
	enum ssum_holes holes;
	unsigned threads;
	char **operands; /* ends in NULL */
};

/* One option. Without take it turns flags on and off. */
struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* in brackets if it may be left out */
	unsigned commands;
	unsigned on, off;
	void (*take)(struct options *options, const char *value);
	const char *help;
};

#define MAX_OPTIONS 64

extern const struct option_row option_rows[];
extern const size_t option_count;
void options_free(struct options *options);
const char *algorithm_at(const struct options *options, size_t index);

/* parse.c */

void options_parse(struct options *options, int argc, char **argv);

/* What a command works with. */
struct run {
	const struct options *options;
	struct ssum_context *context;
	double began;
};

static inline bool asked(const struct run *run, unsigned flag)
{
	return run->options->flags & flag;
}

/* personality.c: the program that this one was called as, and is; NULL if it is none but itself. */

struct personality {
	const char *name, *algorithm, *summary;
};

extern const struct personality *personality;
const struct command *assume_personality(const char *invoked);

/* usage.c */

void help_all(void);
void help_command(const struct command *command);
_Noreturn void usage_error(const char *format, ...) PRINTF(1, 2);
_Noreturn void unknown_command(const char *name);

/* selection.c: which entries take part. */

void selection_add_rule(struct selection **selection, bool includes, const char *text);
void selection_add_names(struct selection **selection, const char *file);
void selection_free(struct selection *selection);
void selection_begin(const struct options *options);
ssum_select_fn *selection_function(const struct run *run);
int selection_look(const struct run *run, const char *folder);
int selection_result(const struct run *run, int code);
const char *selection_words(const struct run *run);

/* memory.c: these end the program rather than return NULL. */

void *allocate(size_t size);
char *copy_string(const char *text);
char *format_text(const char *format, ...) PRINTF(1, 2);
void list_add(struct list *list, char *owned);
void list_free(struct list *list);

/* utf8.c */

bool utf8_is(const char *text);
size_t utf8_character(const char *text, uint32_t *code);
bool code_printable(uint32_t code);
size_t utf8_printable(const char *text);

/* unicode.c: unicode_library() is the version of libutf8proc, NULL where there is none. */

#define FORM_COMPOSED 1u   /* NFC */
#define FORM_DECOMPOSED 2u /* NFD */
#define FORM_LOWER_CASE 4u /* as case folding has it */

const char *unicode_library(void);
char *unicode_form(const char *name, unsigned form);

/* names.c: both results stay valid for three calls more. */

void names_by_locale(void);
const char *quoted(const char *name);
const char *in_quotes(const char *name);
const char *legible(const char *text);
size_t make_legible(char *text, size_t length);

/* units.c: texts are used as size_text(bytes).s, which lives to the end of the expression. */

struct text {
	char s[80];
};

struct text size_text(uint64_t bytes);
struct text duration_text(double seconds);
struct text count_text(uint64_t count, const char *one, const char *many);
double seconds_now(void);
bool parse_size(const char *text, uint64_t *bytes);

/* colour.c */

struct text painted(enum ssum_verdict verdict, const char *word);

/* output.c */

void output_begin(void);
int output_end(int status);
bool was_closed(int fd);
bool output_failed(void);
bool output_is_terminal(void);
void output_divert(FILE *to);
void out(const char *format, ...) PRINTF(1, 2);
void out_bytes(const char *bytes, size_t length);
void note(const char *format, ...) PRINTF(1, 2);
_Noreturn void die(const char *format, ...) PRINTF(1, 2);

/* progress.c */

void progress_setup(const struct options *options);
void progress_begin(void);
void progress_wipe(void);
int progress_tick(void *user, const struct ssum_progress *progress);

/* signals.c */

void signals_catch(struct ssum_context *context, bool streams);
void signals_release(void);
bool stopped(int code, const char *outcome);

/* input.c */

bool is_stdin(const char *name);
char **operands_or_stdin(const struct options *options);
bool inputs_are_out(void);
int input_open(const char *name);
bool input_set(struct ssum_input *input, const char *name);
void input_set_nothing(struct ssum_input *input);
void input_done(const char *name, uint64_t length);
int inputs_end(int status);

/* state.c */

char *journal_path(const char *folder);
const char *interruption(const char *journal, const struct ssum_summary *summary,
			 const char *outcome);
void note_journal(const struct run *run, const struct ssum_summary *summary, int code);

/* json.c */

void json_begin(void);
json_t *json_typed(const char *type);
json_t *json_summary(int status, int code, const char *error);
void json_name(json_t *object, const char *key, const char *bytes);
void json_text(json_t *object, const char *key, const char *text);
void json_count(json_t *object, const char *key, uint64_t value);
void json_code(json_t *object, int code, const char *error);
void json_print(json_t *object);

/* twins.c: a set of names, NULL being the empty one. */
bool twins_see(void **all, const char *name);
void twins_forget(void **all);

/* repair.c: which bytes of a file are meant: damaged ones, as checkpoints tell, and others. */

void out_range(uint64_t offset, uint64_t length);
void say_repair(const struct ssum_report *report);
void say_damaged(const struct ssum_report *report);
void say_checkpoints(const struct ssum_report *report);

/* explanation.c: why a digest does not match. */

void say_explanation(const struct ssum_explanation *explanation, bool advise);
json_t *json_explanation(const struct ssum_explanation *explanation);

/* name_change.c: how a listed name became another one; false if it cannot be told. */

#define NAME_DETAIL 160

struct name_change {
	const char *kind;         /* for programs */
	char detail[NAME_DETAIL]; /* for people */
};

bool name_change(const char *listed, const char *found, struct name_change *change);
bool frees_as(char *text, const char *due);

/* name_encoding.c */

bool name_reencoded(const char *listed, const char *found, char *detail);

/* advice.c: why entries do not hold, as far as names tell, and what to do. */

struct exchanges {
	struct exchange **rows;
	size_t count;
};

struct advice {
	uint64_t missing[3], there[3]; /* listed entries: hidden at the top, below, not hidden */
	struct exchanges exchanges;
};

bool tells_move(const struct ssum_report *report, struct name_change *change);
void say_advice(const struct run *run, const struct ssum_report *report);
void set_advice(json_t *object, const struct ssum_report *report);
void advice_take(struct advice *advice, const struct ssum_report *report);
void say_causes(const struct run *run, const struct advice *advice);
void advice_free(struct advice *advice);
char *below_folder(const struct run *run, const char *path);
const char *argument(const struct run *run, const char *path);

/* exchanges.c: files that differ since each has the content of another one. */

void exchanges_take(struct exchanges *exchanges, const struct ssum_report *report);
void say_exchanges(const struct run *run, const struct exchanges *exchanges);
void exchanges_free(struct exchanges *exchanges);

/* entry.c: what verify tells people of an entry, but for a manifest that holds. */

void say_judged(const struct run *run, const struct ssum_report *report);

/* report.c: what the commands over folders say of entries and of the whole. */

const char *article(const char *noun);
char *builtin_names(bool of_manifests);
char *failure_text(const struct run *run, const char *subject, int code);
void note_failure(const struct run *run, const char *subject, int code);
void report_json(const struct ssum_report *report);
struct text resumed_text(const struct ssum_summary *summary);
struct reading; /* formats.h */
void print_totals(const struct run *run, const char *word, const struct ssum_summary *summary,
		  int code, const struct reading *reading);

#endif
