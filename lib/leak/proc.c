#include "leak/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

int
proc_read(int dir, const char *name, struct buf *text)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC), failed = 0;
	ssize_t n;

	text->n = 0;
	if (fd == -1)
		return errno;
	do {
		/* One read takes a whole file of a process: the kernel
		 * makes it a page at a time. */
		buf_room(text, 4096);
		n = read(fd, text->s + text->n, text->cap - text->n);
		if (n > 0)
			text->n += (size_t)n;
		else if (n == -1 && errno != EINTR)
			failed = errno;
	} while (n > 0 || (n == -1 && failed == 0));
	close(fd);
	return failed;
}

bool
proc_line(struct span *text, struct span *line)
{
	const char *end;

	if (text->n == 0)
		return false;
	end = memchr(text->s, '\n', text->n);
	line->s = text->s;
	line->n = end != NULL ? (size_t)(end - text->s) : text->n;
	text->s += line->n + (end != NULL);
	text->n -= line->n + (end != NULL);
	return true;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The next word of `text` (between blanks), taken off its front. */
static bool
next_word(struct span *text, struct span *word)
{
	while (text->n > 0 && blank(*text->s))
		text->s++, text->n--;
	word->s = text->s;
	while (text->n > 0 && !blank(*text->s))
		text->s++, text->n--;
	word->n = (size_t)(text->s - word->s);
	return word->n > 0;
}

/* The `skip`-th word from here, 0 the next, as a number. */
static bool
word_u64(struct span *text, size_t skip, uint64_t *out)
{
	struct span word;

	do {
		if (!next_word(text, &word))
			return false;
	} while (skip-- > 0);
	return num_u64(word, out) == NULL;
}

bool
proc_stat(struct span text, struct proc_stat *st)
{
	const char *open = memchr(text.s, '(', text.n);
	/* The name may hold ") R 1 (": only the last one closes it. */
	const char *close = memrchr(text.s, ')', text.n);
	struct span rest;

	if (open == NULL || close == NULL || close < open)
		return false;
	st->comm = (struct span){ open + 1, (size_t)(close - open) - 1 };
	rest.s = close + 1;
	rest.n = text.n - (size_t)(rest.s - text.s);
	/* Field 3, the state, is the next; 22 starttime, 23 vsize. */
	return word_u64(&rest, 22 - 3, &st->start) &&
	    word_u64(&rest, 0, &st->vsize);
}

/* "Private_Dirty:       116 kB" */
static bool
line_kib(struct span line, struct span *name, uint64_t *bytes)
{
	uint64_t kib;

	if (!next_word(&line, name) || !word_u64(&line, 0, &kib) ||
	    kib > UINT64_MAX / 1024)
		return false;
	*bytes = kib * 1024;
	return true;
}

bool
proc_private(struct span text, bool swap, uint64_t *bytes)
{
	struct span line, name;
	uint64_t b;
	int found = 0;

	*bytes = 0;
	proc_line(&text, &line);	/* the address range */
	while (proc_line(&text, &line)) {
		if (!line_kib(line, &name, &b))
			return false;
		if (span_eq(name, SPAN("Private_Clean:")) ||
		    span_eq(name, SPAN("Private_Dirty:")))
			found++;
		else if (!swap || !span_eq(name, SPAN("Swap:")))
			continue;
		if (__builtin_add_overflow(*bytes, b, bytes))
			return false;
	}
	return found == 2;
}

bool
proc_statm(struct span text, uint64_t page_size, uint64_t *bytes)
{
	uint64_t resident, shared;

	if (!word_u64(&text, 1, &resident) || !word_u64(&text, 0, &shared))
		return false;
	/* Both are counted without a lock: a moment apart, shared may win. */
	return !__builtin_mul_overflow(
	    resident > shared ? resident - shared : 0, page_size, bytes);
}

bool
proc_boot(struct span text, int64_t *seconds)
{
	struct span line, word;

	while (proc_line(&text, &line))
		if (next_word(&line, &word) && span_eq(word, SPAN("btime")))
			return next_word(&line, &word) &&
			    num_i64(word, seconds) == NULL;
	return false;
}
