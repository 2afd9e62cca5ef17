/* SPDX-License-Identifier: MIT */
/* JSON: one object a line. A value that is NULL is left out. */
#ifndef CLI_OUTPUT_JSON_H
#define CLI_OUTPUT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sparsesum.h"

/* Before all others. When memory runs out, the program ends, so none of these can fail. */
void json_begin(void);

/* An object of a type, and the one that ends every run. */
json_t *json_typed(const char *type);
json_t *json_summary(int status, int code);

/* Bytes that need not be UTF-8; and text that is. */
void json_name(json_t *object, const char *key, const char *bytes);
void json_text(json_t *object, const char *key, const char *text);
void json_count(json_t *object, const char *key, uint64_t value);
void json_flag(json_t *object, const char *key, bool value);
void json_digest(json_t *object, const char *key, const struct ssum_digest *digest);
void json_seconds(json_t *object, double seconds);

/* The code and its text, if it is negative. */
void json_code(json_t *object, int code);

/* Print the object and free it. */
void json_print(json_t *object);

#endif
