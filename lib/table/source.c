#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "table/source.h"

enum { CODEC_IN = 128 * 1024 };

struct source_codec {
	unsigned char in[CODEC_IN];	/* compressed bytes not yet consumed */
	size_t from, to;
	bool ended;		/* the compressed file has ended */
	bool inside;		/* a member has begun and not ended */
	z_stream gzip;
	ZSTD_DStream *zstd;	/* NULL: gzip */
};

static ssize_t
fail(struct source *s, const char *why)
{
	snprintf(s->why, sizeof(s->why), "%s", why);
	return -1;
}

static void
wait_idly(const struct source *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	while (poll(&p, 1, SOURCE_IDLE_MS) == 0)
		s->idle(s->idle_arg);
}

static ssize_t
read_file(struct source *s, void *p, size_t n)
{
	ssize_t r;

	if (s->imagic < s->nmagic) {
		if (n > s->nmagic - s->imagic)
			n = s->nmagic - s->imagic;
		memcpy(p, s->magic + s->imagic, n);
		s->imagic += n;
		return (ssize_t)n;
	}
	if (s->left >= 0 && n > (size_t)s->left)
		n = (size_t)s->left;
	if (s->idle != NULL)
		wait_idly(s);
	do
		r = read(s->fd, p, n);
	while (r == -1 && errno == EINTR);
	if (r == -1)
		return fail(s, strerror(errno));
	s->consumed += r;
	s->left -= s->left >= 0 ? r : 0;
	return r;
}

/* The first bytes, which a pipe may give one at a time. */
static int
sniff(struct source *s)
{
	ssize_t r = 1;

	while (s->nmagic < 4 && r > 0) {
		do
			r = read(s->fd, s->magic + s->nmagic, 4 - s->nmagic);
		while (r == -1 && errno == EINTR);
		if (r == -1)
			return (int)fail(s, strerror(errno));
		s->nmagic += (size_t)r;
		/* Text cannot be either: do not make a slow writer wait. */
		if (s->nmagic > 0 && s->magic[0] != 0x1f &&
		    s->magic[0] != 0x28)
			break;
	}
	s->consumed = (off_t)s->nmagic;
	return 0;
}

static int
choose_codec(struct source *s)
{
	static const unsigned char zstd[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	bool gz = s->nmagic >= 2 && s->magic[0] == 0x1f && s->magic[1] == 0x8b;

	if (!gz && (s->nmagic < 4 || memcmp(s->magic, zstd, 4) != 0))
		return 0;
	s->codec = mem_new(1, sizeof(*s->codec));
	if (gz && inflateInit2(&s->codec->gzip, 15 + 16) != Z_OK)
		return (int)fail(s, "cannot start zlib");
	if (!gz && (s->codec->zstd = ZSTD_createDStream()) == NULL)
		return (int)fail(s, "cannot start zstd");
	return 0;
}

int
source_open(struct source *s, const char *path)
{
	struct stat st;

	*s = (struct source){ .fd = STDIN_FILENO, .name = "<stdin>",
		.left = -1 };
	if (strcmp(path, "-") != 0) {
		s->name = path;
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (s->fd == -1)
			return (int)fail(s, strerror(errno));
	}
	if (fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode))
		s->size = st.st_size;
	return sniff(s) == -1 ? -1 : choose_codec(s);
}

/* One step of zlib: bytes written, or -1. */
static ssize_t
gunzip(struct source *s, void *out, size_t n)
{
	struct source_codec *c = s->codec;
	int r;

	if (!c->inside)
		inflateReset(&c->gzip);
	c->gzip.next_in = c->in + c->from;
	c->gzip.avail_in = (uInt)(c->to - c->from);
	c->gzip.next_out = out;
	c->gzip.avail_out = (uInt)n;
	r = inflate(&c->gzip, Z_NO_FLUSH);
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return fail(s, "corrupt gzip data");
	c->from = c->to - c->gzip.avail_in;
	c->inside = r != Z_STREAM_END;
	return (ssize_t)(n - c->gzip.avail_out);
}

static ssize_t
unzstd(struct source *s, void *out, size_t n)
{
	struct source_codec *c = s->codec;
	ZSTD_inBuffer from = { c->in, c->to, c->from };
	ZSTD_outBuffer to = { out, n, 0 };
	size_t r = ZSTD_decompressStream(c->zstd, &to, &from);

	if (ZSTD_isError(r))
		return fail(s, "corrupt zstd data");
	c->from = from.pos;
	c->inside = r != 0;
	return (ssize_t)to.pos;
}

static ssize_t
read_packed(struct source *s, void *out, size_t n)
{
	struct source_codec *c = s->codec;
	ssize_t r, got;

	if (n > INT32_MAX)
		n = INT32_MAX;
	for (;;) {
		/* A full output may leave more inside even without input. */
		if (c->from < c->to || c->inside) {
			got = c->zstd ? unzstd(s, out, n) : gunzip(s, out, n);
			if (got != 0)
				return got;
		}
		if (c->from < c->to)
			continue;
		if (c->ended)
			return c->inside ? fail(s, "compressed data ends too "
			    "early") : 0;
		if ((r = read_file(s, c->in, sizeof(c->in))) == -1)
			return -1;
		c->from = 0;
		c->to = (size_t)r;
		c->ended = r == 0;
	}
}

ssize_t
source_read(struct source *s, void *out, size_t n)
{
	return s->codec != NULL ? read_packed(s, out, n) : read_file(s, out, n);
}

void
source_close(struct source *s)
{
	if (s->codec != NULL) {
		if (s->codec->zstd != NULL)
			ZSTD_freeDStream(s->codec->zstd);
		else
			inflateEnd(&s->codec->gzip);
		free(s->codec);
	}
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	*s = (struct source){ .fd = -1 };
}
