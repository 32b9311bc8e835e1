/*
 * act-fault - kills resin-act --execute at random instants and looks at what is
 * left.
 *
 *	act-fault RESIN-ACT KILLS SEED
 *
 * In the current directory, again and again until KILLS are reached: a fleet of
 * children of this very process is started, a plan names each of them once for
 * a signal and once for a command, and resin-act is run on the plan and killed
 * until a run comes to its end.  Children and commands write one line to
 *`marks` for each time they are reached.  Then
 *
 *	no line may be there twice;
 *	what the ledger calls done must have its line;
 *	every action of the plan must be in the ledger with an outcome.
 *
 * Nothing but children of this process is ever named in a plan.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FLEET 6

/* Enough for a run to its end on a slow machine; kills fall within it. */
#define LONGEST_US 60000

struct tally {
	long kills, rounds, actions, done, interrupted, other;
};

static pid_t fleet[FLEET];
static int marks;

static void
mark(const char *line)
{
	if (write(marks, line, strlen(line)) == -1)
		_exit(3);
}

static char my_line[32];
static bool ends;

static void
reached(int number)
{
	(void)number;
	mark(my_line);
	if (ends)
		_exit(0);
}

/* Even children end at the signal, odd ones go on and can be hit again. */
static void
child(int i)
{
	struct sigaction act = { .sa_handler = reached };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(my_line, sizeof(my_line), "signal %d\n", i);
	ends = i % 2 == 0;
	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;)
		pause();
}

/* A signal that comes before a child is ready waits for it. */
static void
start_fleet(void)
{
	sigset_t usr1;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	marks = open("marks", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (marks == -1)
		err(2, "marks");
	for (int i = 0; i < FLEET; i++) {
		if ((fleet[i] = fork()) == -1)
			err(2, "fork");
		if (fleet[i] == 0)
			child(i);
	}
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

static void
end_fleet(void)
{
	for (int i = 0; i < FLEET; i++) {
		kill(fleet[i], SIGKILL);
		waitpid(fleet[i], NULL, 0);
	}
	close(marks);
}

/* When the child began, as resin-collect writes it. */
static double
start_of(pid_t pid)
{
	char path[40], text[1024], *p;
	double boot = 0;
	FILE *fp;

	if ((fp = fopen("/proc/stat", "re")) == NULL)
		err(2, "/proc/stat");
	while (fgets(text, sizeof(text), fp) != NULL)
		if (strncmp(text, "btime ", 6) == 0)
			boot = strtod(text + 6, NULL);
	fclose(fp);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((fp = fopen(path, "re")) == NULL ||
	    fgets(text, sizeof(text), fp) == NULL)
		err(2, "%s", path);
	fclose(fp);
	p = strrchr(text, ')');
	for (int i = 2; i < 22; i++)
		p = strchr(p + 1, ' ');
	return boot + strtod(p + 1, NULL) / (double)sysconf(_SC_CLK_TCK);
}

static void
write_plan(void)
{
	FILE *fp = fopen("plan", "we");

	if (fp == NULL)
		err(2, "plan");
	fprintf(fp, "ts\tnode\ttarget\taction\tpid\tstart\tcomponent\n");
	/* A component each: three interrupted on one would hold the rest. */
	for (int i = 0; i < FLEET; i++) {
		fprintf(fp, "%lld\there\tsignal %d\thit\t%d\t%.2f\thit%d\n",
		    (long long)time(NULL), i, fleet[i], start_of(fleet[i]), i);
		fprintf(fp, "%lld\there\tcommand %d\trun\t%d\t\trun%d\n",
		    (long long)time(NULL), i, fleet[i], i);
	}
	if (fclose(fp) != 0)
		err(2, "plan");
}

static void
write_rules(const char *self)
{
	FILE *fp = fopen("rules", "we");

	if (fp == NULL)
		err(2, "rules");
	fprintf(fp, "allow hit\nallow run\n"
	    "action hit\n\tsignal USR1\n\ttimeout 10ms\n"
	    "action run\n\trun '%s' mark {target}\n"
	    "limit 1000 at once\n", self);
	if (fclose(fp) != 0)
		err(2, "rules");
}

static pid_t
start_act(const char *tool)
{
	pid_t pid = fork();
	int null;

	if (pid == -1)
		err(2, "fork");
	if (pid != 0)
		return pid;
	null = open("/dev/null", O_WRONLY);
	dup2(null, STDOUT_FILENO);
	execl(tool, tool, "--execute", "--rules", "rules", "--ledger", "ledger",
	    "--node", "here", "plan", (char *)NULL);
	_exit(127);
}

/* Runs until one ends by itself; kills all before. */
static void
run_and_kill(const char *tool, struct tally *t, long most)
{
	for (int attempt = 0;; attempt++) {
		const useconds_t pause = (useconds_t)(random() % LONGEST_US);
		bool let_be = t->kills >= most || attempt > 200;
		pid_t pid = start_act(tool);
		int status;

		if (!let_be) {
			usleep(pause);
			kill(pid, SIGKILL);
		}
		if (waitpid(pid, &status, 0) == -1)
			err(2, "waitpid");
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return;
		/* A child of the killed one may hold the lock a moment. */
		if (WIFEXITED(status) && WEXITSTATUS(status) == 75)
			continue;
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			errx(1, "resin-act ended with status %#x", status);
		t->kills++;
	}
}

/* How often the line is in `marks`. */
static int
times(const char *line)
{
	char text[256];
	FILE *fp = fopen("marks", "re");
	int n = 0;

	if (fp == NULL)
		err(2, "marks");
	while (fgets(text, sizeof(text), fp) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		n += strcmp(text, line) == 0;
	}
	fclose(fp);
	return n;
}

static void
check_action(sqlite3_stmt *st, struct tally *t)
{
	const char *target = (const char *)sqlite3_column_text(st, 0);
	const char *state = (const char *)sqlite3_column_text(st, 1);
	const char *verdict = (const char *)sqlite3_column_text(st, 2);
	int n = times(target);
	/* A child that lives on is not done but timed out. */
	const bool done = strcmp(state, "done") == 0 ||
	    strcmp(state, "timeout") == 0;

	/* On a busy machine a child that was signalled has yet to run. */
	for (int i = 0; i < 1000 && done && n == 0; i++) {
		usleep(10000);
		n = times(target);
	}
	if (n > 1)
		errx(1, "'%s' was reached %d times", target, n);
	if (done && n != 1)
		errx(1, "'%s' is %s and was never reached", target, state);
	if (strcmp(state, "intent") == 0 || strcmp(verdict, "pending") != 0)
		errx(1, "'%s' has no outcome", target);
	t->actions++;
	t->done += done;
	t->interrupted += strcmp(state, "interrupted") == 0;
	t->other += !done && strcmp(state, "interrupted") != 0;
}

static void
check_ledger(struct tally *t)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int rows = 0;

	if (sqlite3_open_v2("ledger", &db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK || sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
	    &st, NULL) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW ||
	    strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		errx(1, "ledger: %s", sqlite3_errmsg(db));
	sqlite3_finalize(st);
	if (sqlite3_prepare_v2(db, "SELECT target, state, verdict FROM action",
	    -1, &st, NULL) != SQLITE_OK)
		errx(1, "ledger: %s", sqlite3_errmsg(db));
	for (; sqlite3_step(st) == SQLITE_ROW; rows++)
		check_action(st, t);
	sqlite3_finalize(st);
	sqlite3_close(db);
	if (rows != 2 * FLEET)
		errx(1, "%d of %d actions in the ledger", rows, 2 * FLEET);
}

int
main(int argc, char *argv[])
{
	struct tally t = { 0 };
	long most;

	/* As the command of a plan: one more line. */
	if (argc == 3 && strcmp(argv[1], "mark") == 0) {
		marks = open("marks", O_WRONLY | O_APPEND);
		dprintf(marks, "%s\n", argv[2]);
		return 0;
	}
	if (argc != 4)
		errx(2, "usage: act-fault RESIN-ACT KILLS SEED");
	most = strtol(argv[2], NULL, 10);
	srandom((unsigned)strtoul(argv[3], NULL, 10));
	while (t.kills < most) {
		unlink("ledger");
		unlink("ledger-journal");
		start_fleet();
		write_rules(argv[0]);
		write_plan();
		run_and_kill(argv[1], &t, most);
		check_ledger(&t);
		end_fleet();
		t.rounds++;
	}
	printf("%ld kills, %ld rounds, %ld actions: %ld done, %ld interrupted, "
	    "%ld other; none twice, none lost\n", t.kills, t.rounds, t.actions,
	    t.done, t.interrupted, t.other);
	return 0;
}
