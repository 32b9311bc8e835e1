/*
 * shop - the service that live.sh watches: customers' sessions with baskets,
 * and a cache of pages.  A line on standard input is an order: "serve N" serves
 * N requests, "release" puts in the new release, which forgets the basket of a
 * session that ends.  Each is answered with a line when it is done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS 2000	/* open at a time; the oldest ends for a new one */
#define PAGES 500	/* in the cache */
#define CALL static __attribute__((noinline))	/* a frame of its own */

struct basket {
	size_t n;
	char items[];
};

struct session {
	struct basket *basket;
	char name[40];
};

static struct session *session[SESSIONS];
static char *page[PAGES];
static size_t next_session, seen;
static int new_release;
static unsigned long long state = 88172645463325252;

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 11) % n;
}

CALL void *
must_alloc(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		abort();
	memset(p, 'x', n);
	return p;
}

CALL struct basket *
basket_new(size_t n)
{
	struct basket *b = must_alloc(sizeof(*b) + n);

	b->n = n;
	return b;
}

/* What is in the basket costs, without opening a session. */
CALL size_t
quote(void)
{
	struct basket *b = basket_new(200 + below(2000));
	size_t price = b->n * 3;

	free(b);
	return price;
}

CALL void
session_end(struct session *s)
{
	if (!new_release)
		free(s->basket);
	free(s);
}

CALL void
session_open(void)
{
	struct session *s = must_alloc(sizeof(*s));

	s->basket = basket_new(200 + below(2000));
	if (session[next_session] != NULL)
		session_end(session[next_session]);
	session[next_session] = s;
	next_session = (next_session + 1) % SESSIONS;
}

CALL void
page_render(size_t i)
{
	free(page[i]);
	page[i] = must_alloc(1000 + below(8000));
}

CALL void
serve(size_t requests)
{
	for (size_t i = 0; i < requests; i++)
		switch (below(4)) {
		case 0: session_open(); break;
		case 1: page_render(below(PAGES)); break;
		default: seen += quote(); break;
		}
}

int
main(int argc, char *argv[])
{
	char line[64];

	if (argc > 1)	/* so that no two shops are alike */
		state ^= strtoull(argv[1], NULL, 10) << 20;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strncmp(line, "serve ", 6) == 0)
			serve(strtoull(line + 6, NULL, 10));
		else if (strcmp(line, "release\n") == 0)
			new_release = 1;
		if (puts("done") == EOF || fflush(stdout) == EOF)
			return 1;
	}
	return seen == 1;
}
