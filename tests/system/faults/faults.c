/* SPDX-License-Identifier: MIT */
/* Which call fails, and whether it has failed. */
#include "system/faults/faults.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/faults/call.h"

/* Set before the threads that read it are started. */
static struct fault armed, always;
static long armed_at;
static atomic_long seen, live;
static atomic_bool fired;

/* If a preloaded object replaces the call too, its function is called. */
static void note_fired(void);

bool fault_is_always(const char *call)
{
	return always.call && !strcmp(always.call, call);
}

int fault_strike(const char *call)
{
	if (fault_is_always(call))
		return errno = always.error;
	if (!armed.call || strcmp(armed.call, call) != 0 || ++seen != armed_at)
		return 0;
	fired = true;
	note_fired();
	if (armed.error > 0)
		errno = armed.error;
	return armed.error;
}

void fault_arm(const struct fault *fault, long k)
{
	armed = *fault;
	armed_at = k;
	seen = 0;
	fired = false;
}

long fault_disarm(void)
{
	armed.call = NULL;
	return seen;
}

bool fault_is_armed(void)
{
	return armed.call;
}

bool fault_fired(void)
{
	return fired;
}

void fault_always(const struct fault *fault)
{
	always = *fault;
}

void fault_count(long more)
{
	live += more;
}

long fault_live(void)
{
	return live;
}

#ifdef FAULTS_PRELOADED

/* The variable FAULT is CALL:K:ERRNO. When the call has failed, this is written to the file
   FAULT_FIRED. */
static void note_fired(void)
{
	const char *path = getenv("FAULT_FIRED");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "%s %ld\n", armed.call, armed_at);
	fclose(file);
}

__attribute__((constructor)) static void arm_from_environment(void)
{
	static char text[64];
	const char *given = getenv("FAULT");
	char *k, *error;

	if (!given || strlen(given) >= sizeof(text))
		return;
	strcpy(text, given);
	k = strchr(text, ':');
	error = k ? strchr(k + 1, ':') : NULL;
	if (!error)
		return;
	*k++ = *error++ = '\0';
	fault_arm(&(struct fault){text, atoi(error)}, atol(k));
}

#else

static void note_fired(void)
{
}

#endif
