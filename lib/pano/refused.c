#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pano/refused.h"

/* Codes are HTTP's own, and below 100 places in this table, from 1. */
static const struct {
	const char *begins, *name;
} redis[] = {
	{ "-OOM ", "OOM" },
	{ "-LOADING ", "LOADING" },
	{ "-MISCONF ", "MISCONF" },
	{ "-READONLY ", "READONLY" },
	{ "-NOREPLICAS ", "NOREPLICAS" },
	{ "-MASTERDOWN ", "MASTERDOWN" },
	{ "-CLUSTERDOWN ", "CLUSTERDOWN" },
	{ "-BUSY ", "BUSY" },
	{ "-ERR max number of clients", "max number of clients" },
};
enum {
	NREDIS = sizeof(redis) / sizeof(*redis),
	MEMCACHED = NREDIS + 1, POSTGRES,
};
/* SQLSTATE classes: insufficient resources, operator intervention (shutdown,
 * starting up), system error, internal error; and a standby that was taken for
 * the primary. */
static const char *const sqlstate[] = { "53", "57P", "58", "XX", "25006" };
enum { NSQLSTATE = sizeof(sqlstate) / sizeof(*sqlstate) };

static bool
begins(const char *s, size_t n, const char *with)
{
	size_t m = strlen(with);

	return n >= m && memcmp(s, with, m) == 0;
}

static int
redis_code(const char *s, size_t n)
{
	for (int i = 0; i < NREDIS; i++)
		if (begins(s, n, redis[i].begins))
			return i + 1;
	return 0;
}

/* 501 and 505 are about the request. */
static int
http_code(const char *s, size_t n)
{
	int code;

	if (n < 12 || !begins(s, n, "HTTP/1.") || s[8] != ' ' || s[9] != '5' ||
	    s[10] < '0' || s[10] > '9' || s[11] < '0' || s[11] > '9')
		return 0;
	code = 500 + (s[10] - '0') * 10 + (s[11] - '0');
	return code == 501 || code == 505 ? 0 : code;
}

/* An ErrorResponse: 'E', its length, then fields, each a letter and a string;
 * C is the SQLSTATE. */
static int
postgres_code(const char *s, size_t n)
{
	const char *end = s + n, *nul;

	if (n < 8 || s[1] != 0 || s[2] != 0 || s[5] != 'S')
		return 0;
	for (s += 5; s < end && *s != '\0'; s = nul + 1) {
		nul = memchr(s, '\0', (size_t)(end - s));
		if (nul == NULL)
			return 0;
		for (int i = 0; *s == 'C' && i < NSQLSTATE; i++)
			if (begins(s + 1, (size_t)(nul - s - 1), sqlstate[i]))
				return POSTGRES + i;
	}
	return 0;
}

int
refused_code(const char *s, size_t n)
{
	switch (n > 0 ? *s : '\0') {
	case '-':
		return redis_code(s, n);
	case 'H':
		return http_code(s, n);
	case 'S':
		return begins(s, n, "SERVER_ERROR ") ? MEMCACHED : 0;
	case 'E':
		return postgres_code(s, n);
	}
	return 0;
}

const char *
refused_name(int code, char buf[static 16])
{
	if (code >= 1 && code <= NREDIS)
		return redis[code - 1].name;
	if (code == MEMCACHED)
		return "SERVER_ERROR";
	if (code >= POSTGRES && code < POSTGRES + NSQLSTATE)
		snprintf(buf, 16, "SQLSTATE %s", sqlstate[code - POSTGRES]);
	else
		snprintf(buf, 16, "HTTP %d", code);
	return buf;
}
