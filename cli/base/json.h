/* SPDX-License-Identifier: MIT */
/* JSON: one object a line. */
#ifndef CLI_BASE_JSON_H
#define CLI_BASE_JSON_H

#include <stdint.h>

#include <jansson.h>

void json_begin(void);
json_t *json_typed(const char *type);
json_t *json_summary(int status, int code, const char *error);
void json_name(json_t *object, const char *key, const char *bytes);
void json_text(json_t *object, const char *key, const char *text);
void json_count(json_t *object, const char *key, uint64_t value);
void json_code(json_t *object, int code, const char *error);
void json_print(json_t *object);

#endif
