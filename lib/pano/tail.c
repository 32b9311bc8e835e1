#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pano/tail.h"

enum { CHUNK = 64 * 1024, FOLLOW_MS = 50 };

static enum tail_result
fail(struct tail *l)
{
	snprintf(l->why, sizeof(l->why), "%s: %s", l->path, strerror(errno));
	return TAIL_FAIL;
}

/* Opens the followed file; it may not be there yet, or just now. */
static bool
reopen(struct tail *l)
{
	struct stat st;

	l->fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (l->fd == -1)
		return errno == ENOENT;
	if (fstat(l->fd, &st) == -1)
		return false;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return true;
}

bool
tail_open(struct tail *l, const char *path, bool follow)
{
	*l = (struct tail){ .path = path, .fd = -1,
		.follow = follow && strcmp(path, "-") != 0 };
	if (l->follow) {
		if (!reopen(l))
			fail(l);
	} else if (source_open(&l->source, path) == -1) {
		snprintf(l->why, sizeof(l->why), "%s: %s", l->path,
		    l->source.why);
	} else {
		l->open = true;
	}
	return l->why[0] == '\0';
}

/* Something to read without waiting? */
static bool
ready(const struct tail *l)
{
	struct pollfd p = { .fd = l->source.fd, .events = POLLIN };

	return l->source.codec != NULL ||
	    l->source.imagic < l->source.nmagic || poll(&p, 1, 0) != 0;
}

/*
 * The end of a followed file for now: was it cut, or is there another of its
 * name?  True: go on reading.
 */
static bool
rotated(struct tail *l)
{
	struct stat st;

	if (l->fd != -1 && fstat(l->fd, &st) == 0 &&
	    st.st_size < lseek(l->fd, 0, SEEK_CUR)) {
		l->text.n = l->at = l->looked = 0;
		return lseek(l->fd, 0, SEEK_SET) == 0;
	}
	if (stat(l->path, &st) == -1)
		return false;
	if (l->fd != -1) {
		if (st.st_dev == l->dev && st.st_ino == l->ino)
			return false;
		close(l->fd);
		if (l->text.n > l->at)	/* its last line has no end */
			buf_char(&l->text, '\n');
	}
	return reopen(l) && l->fd != -1;
}

/* Bytes appended to the text; 0 at an end, -1 for trouble. */
static ssize_t
fetch(struct tail *l)
{
	ssize_t n;

	if (l->at > 0) {
		memmove(l->text.s, l->text.s + l->at, l->text.n - l->at);
		l->text.n -= l->at;
		l->looked -= l->at;
		l->at = 0;
	}
	buf_room(&l->text, CHUNK);
	n = l->follow ? l->fd == -1 ? 0 :
	    read(l->fd, l->text.s + l->text.n, CHUNK) :
	    source_read(&l->source, l->text.s + l->text.n, CHUNK);
	if (n > 0)
		l->text.n += (size_t)n;
	return n;
}

/* A whole line of what is there. */
static bool
take(struct tail *l, struct span *out)
{
	char *from, *nl;
	size_t n;

	while (l->text.n > l->looked) {
		from = l->text.s + l->looked;
		nl = memchr(from, '\n', l->text.n - l->looked);
		l->looked = nl != NULL ? (size_t)(nl + 1 - l->text.s) :
		    l->text.n;
		n = l->looked - l->at - (nl != NULL);
		if (nl == NULL && n < TAIL_MAX)
			return false;
		*out = (struct span){ l->text.s + l->at,
			n > TAIL_MAX ? TAIL_MAX : n };
		l->at = l->looked;
		if (l->skipping) {
			l->skipping = nl == NULL;
			continue;
		}
		l->skipping = nl == NULL;
		if (out->n > 0 && out->s[out->n - 1] == '\r')
			out->n--;
		l->line++;
		return true;
	}
	return false;
}

/* What is left when there will be no more. */
static enum tail_result
last(struct tail *l, struct span *out)
{
	if (l->skipping || l->text.n == l->at)
		return TAIL_END;
	*out = (struct span){ l->text.s + l->at, l->text.n - l->at };
	l->at = l->looked = l->text.n;
	l->line++;
	return TAIL_GOT;
}

enum tail_result
tail_next(struct tail *l, struct span *out)
{
	ssize_t n;

	while (!take(l, out)) {
		if (l->ended)
			return last(l, out);
		if (!l->follow && !ready(l))
			return TAIL_WAIT;
		n = fetch(l);
		if (n > 0)
			continue;
		if (l->follow) {
			if (n == -1 && errno != EAGAIN && errno != EINTR)
				return fail(l);
			if (!rotated(l))
				return TAIL_WAIT;
			continue;
		}
		if (n == -1) {
			snprintf(l->why, sizeof(l->why), "%s: %s", l->path,
			    l->source.why);
			return TAIL_FAIL;
		}
		l->ended = true;
	}
	return TAIL_GOT;
}

void
tail_wait(const struct tail *l, int ms)
{
	struct pollfd p = { .fd = l->follow ? -1 : l->source.fd,
		.events = POLLIN };

	if (l->follow && (ms < 0 || ms > FOLLOW_MS))
		ms = FOLLOW_MS;
	poll(&p, 1, ms);
}

void
tail_close(struct tail *l)
{
	if (l->open)
		source_close(&l->source);
	if (l->fd != -1)
		close(l->fd);
	buf_free(&l->text);
}
