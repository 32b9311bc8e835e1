#include "heap/actions.h"
#include "table/input.h"

int
actions_under_way(char *file, const char *node, const char *component,
    struct buf *why)
{
	enum { NODE, COMPONENT, STATE, VERDICT, NCOL };
	static const struct input_column want[NCOL] = {
		{ "node", 0 }, { "component", 0 }, { "state", 0 },
		{ "verdict", INPUT_OPTIONAL },
	};
	static const struct input_options plain = { .csv = false };
	struct input in;
	int found = 0;

	input_open(&in, &plain, &file, 1, want, NCOL);
	while (input_next(&in)) {
		struct span state = input_text(&in, STATE);
		struct span verdict = input_text(&in, VERDICT);
		struct span what = input_text(&in, COMPONENT);

		if (!input_bad(&in) && span_is(input_text(&in, NODE), node) &&
		    (what.n == 0 || span_is(what, component)) &&
		    (span_is(state, "intent") || (span_is(state, "done") &&
		    (verdict.n == 0 || span_is(verdict, "pending")))))
			found = 1;
	}
	if (input_why(&in) != NULL) {
		buf_str(why, input_why(&in));
		found = -1;
	}
	input_close(&in);
	return found;
}
