#include <ctype.h>
#include <strings.h>

#include "gandalf/atom.h"
#include "gandalf/token.h"

#define BLANK 1
#define PUNCTUATION 2

static const unsigned char kind[256] = {
	[' '] = BLANK, ['\t'] = BLANK, ['\n'] = BLANK, ['\v'] = BLANK,
	['\f'] = BLANK, ['\r'] = BLANK, ['\x1d'] = BLANK, ['\x1e'] = BLANK,
	[TOKEN_SEPARATOR] = BLANK,
	['('] = PUNCTUATION, [')'] = PUNCTUATION, ['['] = PUNCTUATION,
	[']'] = PUNCTUATION, ['{'] = PUNCTUATION, ['}'] = PUNCTUATION,
	[','] = PUNCTUATION, [';'] = PUNCTUATION, ['"'] = PUNCTUATION,
	['\''] = PUNCTUATION, ['<'] = PUNCTUATION, ['>'] = PUNCTUATION,
	['|'] = PUNCTUATION, ['='] = PUNCTUATION, [':'] = PUNCTUATION,
	['`'] = PUNCTUATION,
};

bool
atom_blank(char c)
{
	return kind[(unsigned char)c] == BLANK;
}

bool
atom_punctuation(char c)
{
	return kind[(unsigned char)c] == PUNCTUATION;
}

static bool
equals(struct span a, const char *word)
{
	return a.n > 0 && ((a.s[0] ^ word[0]) & 0x5f) == 0 &&
	    a.n == strlen(word) && strncasecmp(a.s, word, a.n) == 0;
}

bool
atom_one_of(struct span a, const char *const *words)
{
	while (*words != NULL && !equals(a, *words))
		words++;
	return *words != NULL;
}

bool
atom_has_digit(struct span a)
{
	for (size_t i = 0; i < a.n; i++)
		if (atom_digit(a.s[i]))
			return true;
	return false;
}

static size_t
count_char(struct span a, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < a.n; i++)
		n += a.s[i] == c;
	return n;
}

bool
atom_is_hex(struct span a)
{
	if (a.n < 8)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (!isxdigit((unsigned char)a.s[i]))
			return false;
	return true;
}

/*
 * "/var/log", "a/b/c", "C:\x" without its colon, "./a", "com.example/.Main";
 * bare "and/or" is none.
 */
bool
atom_is_path(struct span a)
{
	size_t slashes = count_char(a, '/') + count_char(a, '\\');

	return a.n > 1 && (slashes > 1 || (slashes == 1 && (a.s[0] == '/' ||
	    a.s[0] == '\\' || count_char(a, '.') > 0)));
}

bool
atom_is_address(struct span a)
{
	const char *at = a.n > 2 ? memchr(a.s + 1, '@', a.n - 2) : NULL;

	return at != NULL && (atom_letter(at[1]) || at[1] == '[');
}

/*
 * "mail.example.org" and "www.example.co.uk", but not "org.example.Mail",
 * "example.sh" or "map.task.id".
 */
bool
atom_is_host(struct span a)
{
	static const char *const top[] = { "com", "net", "org", "edu", "gov",
		"mil", "int", "info", "biz", "local", "internal", "arpa",
		"localdomain", NULL };
	static const char *const none[] = { "id", "py", "sh", "so", "js", "md",
		"cc", "go", "ts", "rs", "gz", "xz", NULL };
	size_t last = a.n, dots = count_char(a, '.');
	struct span label;

	while (last > 0 && a.s[last - 1] != '.')
		last--;
	label = (struct span){ a.s + last, a.n - last };
	return dots > 0 && a.s[0] != '.' && (atom_one_of(label, top) ||
	    (dots > 1 && label.n == 2 && atom_letter(label.s[0]) &&
	    !atom_one_of(label, none)));
}

/*
 * 0xC00..... and 0x800....., errors of their own name, and those of .NET,
 * Windows Update, TPM, BitLocker and Hyper-V; other numbers of this size are
 * addresses.
 */
bool
atom_is_status(struct span a)
{
	static const char *const facility[] = { "13", "24", "28", "29", "31",
		"37", NULL };

	if (a.n != 10 || a.s[0] != '0' || (a.s[1] | ' ') != 'x' ||
	    a.s[3] != '0')
		return false;
	if (a.s[4] == '0')
		return a.s[2] == '8' || (a.s[2] | ' ') == 'c';
	return a.s[2] == '8' &&
	    atom_one_of((struct span){ a.s + 4, 2 }, facility);
}

/* "ErrorCode: 5", "exit code 5". */
bool
atom_announces_code(struct span key)
{
	static const char *const keys[] = { "errno", "hresult", "hr",
		"ntstatus", NULL };
	static const char *const other[] = { "keycode", "barcode", "zipcode",
		"postcode", "areacode", "countrycode", "devicecode", NULL };

	return atom_one_of(key, keys) || (key.n >= 4 &&
	    !atom_one_of(key, other) &&
	    equals((struct span){ key.s + key.n - 4, 4 }, "code"));
}

bool
atom_is_number(struct span a)
{
	size_t i = a.n > 0 && a.s[0] == '-';
	bool hex = a.n > 2 && a.s[0] == '0' && (a.s[1] | ' ') == 'x';

	if (hex)
		i = 2;
	if (i == a.n || a.n > 12)
		return false;
	for (; i < a.n; i++)
		if (!atom_digit(a.s[i]) &&
		    !(isxdigit((unsigned char)a.s[i]) && (hex || a.n == 8)))
			return false;
	return true;
}

bool
atom_announces_address(struct span key)
{
	static const char *const keys[] = { "at", "addr", "address", "pc", "sp",
		"lr", NULL };

	return atom_one_of(key, keys);
}

bool
atom_announces_host(struct span key)
{
	static const char *const keys[] = { "host", "hostname", "rhost", NULL };

	return atom_one_of(key, keys);
}

bool
atom_announces_name(struct span key)
{
	static const char *const keys[] = { "user", "username", "ruser", NULL };

	return atom_announces_host(key) || atom_one_of(key, keys);
}

bool
atom_is_calendar(struct span a)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec", NULL };

	return a.n == 3 && atom_one_of(a, names);
}

bool
atom_is_zone(struct span a)
{
	static const char *const names[] = { "UTC", "GMT", "EST", "EDT", "CST",
		"CDT", "MST", "MDT", "PST", "PDT", "WET", "WEST", "CET", "CEST",
		"EET", "EEST", "BST", "MSK", "IST", "JST", "KST", NULL };

	return a.n >= 3 && a.n <= 4 && atom_one_of(a, names);
}

bool
atom_is_unit(struct span a)
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB", "PB",
		"KiB", "MiB", "GiB", "TiB", "ns", "us", "ms", "s", "sec",
		"secs", "min", "mins", "h", "hr", "hrs", NULL };

	return a.n <= 4 && atom_one_of(a, names);
}

bool
atom_is_term(struct span a)
{
	static const char *const names[] = { "IPv4", "IPv6", NULL };

	return a.n == 4 && atom_one_of(a, names);
}

size_t
atom_prefix(struct span a)
{
	bool hex = true;
	size_t n = 0, i;

	for (; n < a.n && atom_letter(a.s[n]); n++)
		hex = hex && isxdigit((unsigned char)a.s[n]);
	if (n > 1 && n < a.n && strchr("_#@", a.s[n]) != NULL)
		return n + 1;
	for (i = n; i < a.n && atom_digit(a.s[i]); i++)
		;
	/* "ee0" is a device, "ee01" may be anything. */
	return i == a.n && (!hex || (n > 1 && n < 4 && i == n + 1)) ? n : 0;
}

size_t
atom_colons(struct span rest)
{
	size_t n = 0, colons = 0, group = 0;
	bool digit = false;

	for (; n < rest.n && group <= 4; n++) {
		if (rest.s[n] == ':') {
			colons++;
			group = 0;
			continue;
		}
		if (!isxdigit((unsigned char)rest.s[n]))
			break;
		digit = digit || atom_digit(rest.s[n]);
		group++;
	}
	return colons > 2 && digit && group > 0 && group <= 4 &&
	    (n == rest.n || atom_blank(rest.s[n]) ||
	    atom_punctuation(rest.s[n])) ? n : 0;
}
