/* SPDX-License-Identifier: MIT */
/*
 * Interruption by signals. A signal cancels the operation, which then removes its temporary files.
 * After that the program kills itself with the same signal, so that a shell sees the true cause.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"

/* Seconds until the program dies although a read still blocks. */
#define GRACE 1

/* How long to wait for a leased file: pauses, and nanoseconds each. The kernel takes a lease away
   after 45 seconds, unless /proc/sys/fs/lease-break-time was changed. */
#define LEASE_PAUSES 12000
#define LEASE_PAUSE 5000000L

/* Signals within this time, in seconds, count as one. */
#define ONCE 0.2

static const int signals_caught[] = {SIGINT, SIGTERM, SIGHUP};
static struct ssum_context *target;
static volatile sig_atomic_t caught, may_block;
static double caught_at;

/* A second signal kills the program. But a shell or a supervisor may signal first the process and
   then its group: signals in quick succession count as one. */
static void signals_on_stop(int number)
{
	if (!target || (caught && seconds_now() - caught_at > ONCE)) {
		output_erase_line();
		signal(number, SIG_DFL);
		raise(number); /* which ends the program when this handler returns */
		return;
	}
	if (caught)
		return;
	caught_at = seconds_now();
	caught = number;
	ssum_cancel(target);
	if (may_block)
		alarm(GRACE);
}

static void signals_on_alarm(int number)
{
	(void)number;
	output_erase_line();
	signal(caught, SIG_DFL);
	raise(caught);
}

static void signals_handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action, old;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	/* Signals that the parent ignores stay ignored, as nohup needs it. */
	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

void signals_catch(struct ssum_context *context, bool streams)
{
	target = context;
	may_block = streams;
	signals_handle(SIGALRM, signals_on_alarm, 0);
	for (size_t i = 0; i < sizeof(signals_caught) / sizeof(signals_caught[0]); i++)
		signals_handle(signals_caught[i], signals_on_stop, SA_RESTART);
}

void signals_release(void)
{
	alarm(0);
	for (size_t i = 0; i < sizeof(signals_caught) / sizeof(signals_caught[0]); i++)
		signals_handle(signals_caught[i], SIG_DFL, 0);
	if (caught)
		raise(caught);
}

bool signals_stopped(int code, const char *outcome)
{
	if (code != SSUM_ERR_CANCELLED)
		return false;
	if (caught)
		note("interrupted%s", outcome);
	return true;
}

int signals_open(int at, const char *name, int flags)
{
	const struct timespec pause = {.tv_nsec = LEASE_PAUSE};
	int fd = -1;

	flags |= O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	for (int i = 0; i < LEASE_PAUSES && fd < 0; i++) {
		fd = openat(at, name, flags);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
		if (caught) {
			errno = EINTR;
			break;
		}
		if (errno == EAGAIN)
			nanosleep(&pause, NULL);
	}
	return fd;
}
