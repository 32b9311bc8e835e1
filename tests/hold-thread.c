/*
 * hold-thread - hold-thread TID SECONDS: one thread of a process stands still
 * while the others go on, as one that hangs in a call.  Works by ptrace(2), so
 * the thread goes on when this program ends, whatever ends it.
 */
#include <err.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	pid_t tid;
	int status;

	if (argc != 3)
		errx(2, "usage: hold-thread TID SECONDS");
	tid = (pid_t)atol(argv[1]);
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) == -1)
		err(2, "seize %d", (int)tid);
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == -1)
		err(2, "interrupt %d", (int)tid);
	if (waitpid(tid, &status, __WALL) == -1)
		err(2, "wait for %d", (int)tid);
	sleep((unsigned int)atol(argv[2]));
	return 0;
}
