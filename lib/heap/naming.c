#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "heap/fold.h"
#include "base/frames.h"
#include "heap/lines.h"
#include "heap/naming.h"

void
naming_module(struct naming *n, struct span module, struct span path,
    struct span build_id)
{
	uint32_t id = intern_id(&n->modules, module);

	if (id < n->module.n)
		return;
	vec_push(&n->module, (struct naming_module){
	    .path = mem_copy(path.s, path.n),
	    .build_id = mem_copy(build_id.s, build_id.n) });
}

/* "libc.so.6+0x8163d": the module and the offset in its file. */
static bool
split_frame(struct span frame, struct span *module, uint64_t *offset)
{
	const char *plus = frame.n == 0 ? NULL :
	    memrchr(frame.s, '+', frame.n);
	struct span s;

	if (plus == NULL || plus == frame.s)
		return false;
	*module = (struct span){ frame.s, (size_t)(plus - frame.s) };
	s = (struct span){ plus + 1, frame.n - module->n - 1 };
	return span_begins(s, "0x") && scan_hex(&s, offset) && s.n == 0;
}

static struct naming_module *
find_module(struct naming *n, struct span name)
{
	uint32_t id = intern_find(&n->modules, name);

	if (id == INTERN_NONE && n->more(n->arg))
		id = intern_find(&n->modules, name);
	if (id == INTERN_NONE) {
		/* Said once: from now on it is a module of no path. */
		struct buf b = { 0 };

		buf_printf(&b, "%.*s: not among the modules",
		    span_shown(name), name.s);
		n->say(n->arg, buf_cstr(&b));
		buf_free(&b);
		naming_module(n, name, SPAN(""), SPAN(""));
		id = intern_find(&n->modules, name);
		n->module.v[id].tried = true;
	}
	return &n->module.v[id];
}

static struct binary *
open_module(struct naming *n, struct naming_module *m)
{
	struct buf why = { 0 };

	if (!m->tried) {
		m->tried = true;
		m->binary = binary_open(n->options, m->path, m->build_id,
		    &why);
		if (m->binary == NULL)
			n->say(n->arg, buf_cstr(&why));
	}
	buf_free(&why);
	return m->binary;
}

static void
look_up(struct naming *n, struct span frame)
{
	struct name_list list = { n->names.n, 0 };
	struct span module, one, rest = frame;
	struct binary *binary;
	struct buf text = { 0 };
	uint64_t offset;
	uint32_t id;

	if (split_frame(frame, &module, &offset) &&
	    (binary = open_module(n, find_module(n, module))) != NULL &&
	    binary_name(binary, offset, &text))
		rest = buf_view(&text);
	while ((one = frames_next(&rest)).n > 0) {
		id = intern_id(&n->text, one);
		vec_push(&n->names, id);
		list.n++;
	}
	vec_push(&n->name, list);
	buf_free(&text);
}

void
naming_stack(struct naming *n, struct span stack, struct buf *out)
{
	struct span frame;
	size_t depth;

	n->stack.n = 0;
	while ((frame = frames_next(&stack)).n > 0) {
		uint32_t id = intern_id(&n->frame, frame);

		if (id == n->name.n)
			look_up(n, frame);
		for (uint32_t i = 0; i < n->name.v[id].n; i++) {
			uint32_t name = n->names.v[n->name.v[id].from + i];

			vec_push(&n->stack, name);
		}
	}
	depth = n->stack.n;
	while (!n->raw && depth > 1 && fold_kind(n->text.key[
	    n->stack.v[depth - 1]]) == FOLD_ALLOCATOR)
		depth--;
	if (!n->raw)
		depth = fold_recursion(n->stack.v, depth);
	for (size_t i = 0; i < depth; i++) {
		if (i > 0)
			buf_char(out, ';');
		buf_span(out, n->text.key[n->stack.v[i]]);
	}
}

void
naming_free(struct naming *n)
{
	for (size_t i = 0; i < n->module.n; i++) {
		free(n->module.v[i].path);
		free(n->module.v[i].build_id);
		binary_close(n->module.v[i].binary);
	}
	vec_free(&n->module);
	vec_free(&n->name);
	vec_free(&n->names);
	vec_free(&n->stack);
	intern_free(&n->modules);
	intern_free(&n->frame);
	intern_free(&n->text);
}
