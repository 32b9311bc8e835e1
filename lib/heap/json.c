/*
 * The formats in JSON: V8's .heapprofile (Chrome, Node's inspector and
 * --heap-prof) and valgrind's dhat.
 */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"

#define DEEPEST 1000	/* V8 stops at 64 or so; the walk is recursive */

static json_t *
load(struct dump *d)
{
	struct span s = lines_rest(&d->in), rest;
	json_error_t e;
	json_t *j;

	if (d->in.why[0] != '\0') {
		dump_fail(d, d->in.why, (struct span){ 0 });
		return NULL;
	}
	j = json_loadb(s.s, s.n, JSON_DISABLE_EOF_CHECK, &e);
	if (j == NULL) {
		d->in.line = (size_t)(e.line > 0 ? e.line : 1);
		dump_fail(d, "broken or cut JSON", span_of(e.text));
		return NULL;
	}
	rest = (struct span){ s.s + e.position, s.n - (size_t)e.position };
	while (rest.n > 0 && isspace((unsigned char)*rest.s))
		rest.s++, rest.n--;
	if (rest.n > 0)
		dump_warn(d, "there is more behind its end: it is not read");
	return j;
}

static double
number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static struct span
text(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_string(v) ? (struct span){ json_string_value(v),
	    json_string_length(v) } : (struct span){ "", 0 };
}

static bool
sniff_v8(struct span head)
{
	return head.n > 0 && head.s[0] == '{' &&
	    span_find(head, "\"callFrame\"") > 0 &&
	    span_find(head, "\"selfSize\"") > 0;
}

/* "handle (server.js)"; one without a name is told by its line. */
static uint32_t
v8_frame(struct dump *d, const json_t *node)
{
	const json_t *frame = json_object_get(node, "callFrame");
	struct span name = text(frame, "functionName");
	struct span url = text(frame, "url");
	const char *slash = url.n > 0 ? memrchr(url.s, '/', url.n) : NULL;
	struct buf b = { 0 };
	uint32_t id;

	if (slash != NULL) {
		url.n -= (size_t)(slash + 1 - url.s);
		url.s = slash + 1;
	}
	if (name.n > 0)
		buf_span(&b, name);
	else
		buf_str(&b, "(anonymous)");
	if (url.n > 0 && name.n > 0)
		buf_printf(&b, " (%.*s)", (int)(url.n < 200 ? url.n : 200),
		    url.s);
	else if (url.n > 0)
		buf_printf(&b, " (%.*s:%.0f)", (int)(url.n < 200 ? url.n : 200),
		    url.s, number(frame, "lineNumber") + 1);
	id = dump_name_id(d, buf_view(&b));
	buf_free(&b);
	return id;
}

static bool
v8_node(struct dump *d, const json_t *node, uint32_t *path, size_t depth)
{
	const json_t *children = json_object_get(node, "children");
	double size = number(node, "selfSize");

	if (depth == DEEPEST)
		return dump_fail(d, "tree too deep", (struct span){ 0 });
	if (!(size >= 0 && size <= DUMP_LARGEST))
		return dump_fail(d, "selfSize out of range",
		    (struct span){ 0 });
	path[depth] = v8_frame(d, node);
	if (size > 0) {
		for (size_t i = 0; i <= depth; i++)
			if (i > 0 || depth == 0)	/* not "(root)" */
				dump_frame(d, path[i]);
		dump_row(d, size, 0, 0);
	}
	for (size_t i = 0; i < json_array_size(children); i++)
		if (!v8_node(d, json_array_get(children, i), path, depth + 1))
			return false;
	return true;
}

static bool
read_v8(struct dump *d)
{
	uint32_t path[DEEPEST];
	json_t *j = load(d);
	const json_t *head = json_object_get(j, "head");
	bool ok;

	if (j == NULL)
		return false;
	if (!json_is_object(head)) {
		json_decref(j);
		return dump_fail(d, "no object \"head\"", (struct span){ 0 });
	}
	d->outermost_first = true;
	dump_begin(d, WHEN_NEVER);
	ok = v8_node(d, head, path, 0);
	if (ok)
		dump_end(d);
	json_decref(j);
	return ok;
}

static bool
sniff_dhat(struct span head)
{
	return head.n > 0 && head.s[0] == '{' &&
	    span_find(head, "\"dhatFileVersion\"") > 0;
}

/* A program point: eb bytes in ebk blocks live at the end, fs its frames. */
static bool
dhat_point(struct dump *d, const json_t *point, const json_t *table,
    struct buf *name)
{
	const json_t *fs = json_object_get(point, "fs");
	double bytes = number(point, "eb"), blocks = number(point, "ebk");

	if (!json_is_number(json_object_get(point, "eb")))
		return dump_fail(d, "no \"eb\": this mode of dhat has no live "
		    "memory", (struct span){ 0 });
	if (!(bytes >= 0 && bytes <= DUMP_LARGEST && blocks >= 0 &&
	    blocks <= DUMP_LARGEST))
		return dump_fail(d, "\"eb\" out of range", (struct span){ 0 });
	if (bytes == 0 && blocks == 0)
		return true;
	for (size_t i = 0; i < json_array_size(fs); i++) {
		json_int_t k = json_integer_value(json_array_get(fs, i));
		const json_t *line = k < 0 ? NULL :
		    json_array_get(table, (size_t)k);

		if (!json_is_string(line))
			continue;
		frame_valgrind((struct span){ json_string_value(line),
		    json_string_length(line) }, name);
		dump_name(d, buf_view(name));
	}
	dump_row(d, bytes, blocks, 0);
	return true;
}

static bool
read_dhat(struct dump *d)
{
	json_t *j = load(d);
	const json_t *points = json_object_get(j, "pps");
	const json_t *table = json_object_get(j, "ftbl");
	struct span cmd = text(j, "cmd");
	struct buf name = { 0 };
	bool ok = json_is_array(points) && json_is_array(table);

	if (j == NULL)
		return false;
	if (!ok)
		dump_fail(d, "no arrays \"pps\" and \"ftbl\"",
		    (struct span){ 0 });
	d->pid = (uint64_t)number(j, "pid");
	buf_span(&d->program, scan_until(&cmd, ' '));
	dump_begin(d, WHEN_NEVER);
	for (size_t i = 0; ok && i < json_array_size(points); i++)
		ok = dhat_point(d, json_array_get(points, i), table, &name);
	if (ok)
		dump_end(d);
	buf_free(&name);
	json_decref(j);
	return ok;
}

const struct heap_format format_v8 = { "v8", sniff_v8, read_v8 };
const struct heap_format format_dhat = { "dhat", sniff_dhat, read_dhat };
