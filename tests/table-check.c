/*
 * table-check - hostile tables through table-compare.h.
 *
 *	table-check ROUNDS SEED
 */
#include "table-compare.h"

static uint64_t state;

static uint64_t
draw(uint64_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % n;
}

/* Pieces that make trouble, and enough of what does not. */
static void
hostile(struct buf *b, size_t pieces, bool csv)
{
	static const struct span tsv_part[] = { { "\t", 1 }, { "\t", 1 },
		{ "\n", 1 }, { "a", 1 }, { "bc", 2 }, { "\r\n", 2 },
		{ "\0", 1 }, { "\"", 1 }, { "1234567890123456789", 19 },
		{ "x\ty\n", 4 }, { "x\ty\n", 4 }, { "x\ty\r\n", 5 } };
	static const struct span csv_part[] = { { ",", 1 }, { "\n", 1 },
		{ "\"", 1 }, { "\"\"", 2 }, { "\r\n", 2 }, { "\r", 1 },
		{ "\t", 1 }, { "\0", 1 }, { "a b", 3 }, { "\"q\",\"r\"\n", 8 },
		{ "\"q\",\"r\"\r\n", 9 }, { "x,y\n", 4 }, { "x,y\r\n", 5 },
		{ "\"x\ny\",z\n", 8 }, { "\"\",\"\"\n", 6 },
		{ "long and plain text,more of it\n", 31 } };
	size_t weird = draw(3) == 0 ? 0 : 9;	/* mostly whole rows */

	for (size_t i = 0; i < pieces; i++) {
		struct span s = csv ? csv_part[weird + draw(16 - weird)] :
		    tsv_part[weird + draw(12 - weird)];

		if (weird && draw(50) == 0)
			s = csv ? csv_part[draw(9)] : tsv_part[draw(9)];
		buf_span(b, s);
	}
}

int
main(int argc, char *argv[])
{
	struct buf b = { 0 };
	unsigned long rounds;

	if (argc != 3)
		errx(2, "usage: table-check ROUNDS SEED");
	rounds = strtoul(argv[1], NULL, 10);
	state = strtoull(argv[2], NULL, 10);
	for (unsigned long i = 0; i < rounds; i++) {
		bool csv = i % 2 == 0;
		size_t pieces = draw(8) == 0 ? draw(20000) : draw(60);

		b.n = 0;
		hostile(&b, pieces, csv);
		buf_room(&b, SCAN_PAD);
		memset(b.s + b.n, 0, SCAN_PAD);
		compare(&b, csv, 1 + draw(3));
	}
	buf_free(&b);
	return 0;
}
