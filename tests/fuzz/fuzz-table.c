/* The whole of lib/table on arbitrary bytes: no crash, no leak, no hang. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "table/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { TS, NAME, BYTES, TEXT, NCOL };
	static const struct input_column want[NCOL] = {
		{ "ts", 0 }, { "name", 0 }, { "n", INPUT_OPTIONAL },
		{ "text", INPUT_OPTIONAL },
	};
	static char path[64];
	char *file[] = { path };
	struct input_options options = { .reject = "/dev/null" };
	struct input in;
	FILE *f;

	if (n == 0)
		return 0;
	snprintf(path, sizeof(path), "/dev/shm/fuzz-table.%d", (int)getpid());
	options.csv = data[0] & 1;
	options.escape = data[0] & 2;
	options.fields = data[0] & 4 ? "ts,name,n" : NULL;
	if ((f = fopen(path, "w")) == NULL)
		return 0;
	fwrite(data + 1, 1, n - 1, f);
	fclose(f);
	if (input_open(&in, &options, file, 1, want, NCOL)) {
		input_carry(&in);
		while (input_next(&in)) {
			input_time(&in, TS);
			input_key(&in, NAME);
			input_bytes_or(&in, BYTES, 0);
			input_text(&in, TEXT);
			for (size_t i = 0; i < in.ncarry; i++)
				input_carried(&in, i);
			input_bad(&in);
		}
	}
	input_why(&in);
	input_close(&in);
	unlink(path);
	return 0;
}
