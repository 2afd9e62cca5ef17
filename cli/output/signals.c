/* SPDX-License-Identifier: MIT */
/*
 * Interruption. A signal stops the operation, which cleans up after itself; then the program dies
 * by that signal, so that a shell sees what it was.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"

/* How long to wait for a read that may never come back, before dying anyway. */
#define GRACE 1

/* Seconds within which signals are one. */
#define ONCE 0.2

static const int stoppers[] = {SIGINT, SIGTERM, SIGHUP};
static struct ssum_context *target;
static volatile sig_atomic_t caught, impatient;
static double caught_at;

/* A second signal kills, unless it is the same one over again: who signals a program and then its
   group means it once. */
static void on_signal(int number)
{
	if (caught && seconds_now() - caught_at > ONCE) {
		signal(number, SIG_DFL);
		raise(number);
	}
	if (caught)
		return;
	caught_at = seconds_now();
	caught = number;
	ssum_cancel(target);
	if (impatient)
		alarm(GRACE);
}

static void on_alarm(int number)
{
	(void)number;
	signal(caught, SIG_DFL);
	raise(caught);
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action, old;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	/* What the parent ignores stays ignored: nohup. */
	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

/* streams: the operation may wait for input without end. A second signal always kills. */
void signals_catch(struct ssum_context *context, bool streams)
{
	target = context;
	impatient = streams;
	handle(SIGALRM, on_alarm, 0);
	for (size_t i = 0; i < sizeof(stoppers) / sizeof(stoppers[0]); i++)
		handle(stoppers[i], on_signal, SA_RESTART);
}

/* Before the context is freed. Does not return if a signal came. */
void signals_release(void)
{
	alarm(0);
	for (size_t i = 0; i < sizeof(stoppers) / sizeof(stoppers[0]); i++)
		handle(stoppers[i], SIG_DFL, 0);
	if (caught)
		raise(caught);
}

/* Whether code means that the operation was stopped; says so if a signal did it. */
bool signals_stopped(int code, const char *outcome)
{
	if (code != SSUM_ERR_CANCELLED)
		return false;
	if (caught)
		note("interrupted%s", outcome);
	return true;
}
