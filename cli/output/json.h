/* SPDX-License-Identifier: MIT */
/* JSON output: one object on each line. Members whose value is NULL are left out. These functions
   cannot fail: the program ends when memory runs out. */
#ifndef CLI_OUTPUT_JSON_H
#define CLI_OUTPUT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sparsesum.h"

/* Must be called before the other functions. */
void json_begin(void);

/* A new object with the member "type". */
json_t *json_typed(const char *type);

/* A new object of the type "summary", the last one of every run. */
json_t *json_summary(int status, int code);

/* Adds a name, which may be any bytes. Bytes that are not UTF-8 become U+FFFD, and a second member,
   KEY_hex, has the exact name. */
void json_name(json_t *object, const char *key, const char *bytes);

/* Adds a text in UTF-8. */
void json_text(json_t *object, const char *key, const char *text);
void json_count(json_t *object, const char *key, uint64_t value);
void json_flag(json_t *object, const char *key, bool value);
void json_digest(json_t *object, const char *key, const struct ssum_digest *digest);
void json_seconds(json_t *object, double seconds);

/* Adds "changes", an array of the words of ssum_change_name(), unless there are no changes. */
void json_changes(json_t *object, unsigned changes);

/* Adds the code and its description if it is negative. */
void json_code(json_t *object, int code);

/* The object as a line without its end, to be freed. Frees the object. */
char *json_line(json_t *object);

/* Prints the object and frees it. */
void json_print(json_t *object);

#endif
