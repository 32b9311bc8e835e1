#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"
#include "gandalf/state.h"

static bool
fail(struct state *s, const char *what)
{
	s->why.n = 0;
	buf_printf(&s->why, "%s: %s", s->path, what);
	return false;
}

bool
state_take(struct state *s, const char *path)
{
	*s = (struct state){ .path = path };
	s->lock = lock_take(path);
	if (s->lock != -1)
		return true;
	s->busy = errno == EWOULDBLOCK;
	return fail(s, s->busy ? "another run is at work on it" :
	    strerror(errno));
}

bool
state_load(struct state *s, const struct input_column *want, size_t n,
    void (*add)(void *, struct input *), void *arg)
{
	static const struct input_options escaped = { .escape = true };
	char *file[1] = { (char *)(uintptr_t)s->path };
	struct input in;
	const char *why;

	if (access(s->path, F_OK) == -1 && errno == ENOENT)
		return true;
	if (input_open(&in, &escaped, file, 1, want, n))
		while (input_next(&in))
			add(arg, &in);
	if ((why = input_why(&in)) != NULL)
		buf_str(&s->why, why);
	input_close(&in);
	return why == NULL;
}

bool
state_save(struct state *s, void (*put)(void *, struct output *), void *arg)
{
	struct output_options to = { .path = s->path, .escape = true };
	struct output out;

	if (output_open(&out, &to) == -1)
		return fail(s, strerror(errno));
	put(arg, &out);
	return output_close(&out) == 0 || fail(s, strerror(errno));
}

void
state_drop(struct state *s)
{
	lock_drop(s->lock);
	s->lock = -1;
	buf_free(&s->why);
}
