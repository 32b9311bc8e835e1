#ifndef GANDALF_ATOM_H
#define GANDALF_ATOM_H

#include <stdbool.h>

#include "base/span.h"

/*
 * atom - what a piece of a failure message is: the bytes between two blanks or
 * punctuation marks.  ASCII throughout; other bytes are letters of no kind.
 */
static inline bool
atom_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
atom_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool atom_blank(char);
bool atom_punctuation(char);

/* Case does not matter; `words` ends in NULL. */
bool atom_one_of(struct span, const char *const *words);

bool atom_has_digit(struct span);
bool atom_is_hex(struct span);		/* 8 or more digits, "deadbeef" */
bool atom_is_path(struct span);
bool atom_is_address(struct span);	/* somebody@somewhere */
bool atom_is_host(struct span);		/* "mail.example.org" */
bool atom_is_status(struct span);	/* an HRESULT or NTSTATUS */
bool atom_is_number(struct span);
bool atom_is_calendar(struct span);	/* "Mon", "Jan" */
bool atom_is_zone(struct span);		/* "UTC" */
bool atom_is_unit(struct span);		/* of a scale: "KB", "ms" */
bool atom_is_term(struct span);		/* "IPv6": its digit is a name's */

/* Keys: of a code, of a host, of a host's or somebody's name. */
bool atom_announces_code(struct span key);
bool atom_announces_address(struct span key);	/* in memory */
bool atom_announces_host(struct span key);
bool atom_announces_name(struct span key);

/*
 * How much of an atom with a digit says what it is: "blk_", "Server@", "fpr" of
 * "fpr29", but not letters that may be hexadecimal.
 */
size_t atom_prefix(struct span);

/*
 * The length of the hardware or IPv6 address at the beginning of `rest`, colons
 * and all: "c6:b3:ee:01:fe:cd", "fe80::1"; 0 if there is none.
 */
size_t atom_colons(struct span rest);

#endif
