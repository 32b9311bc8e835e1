#ifndef GANDALF_TOKEN_H
#define GANDALF_TOKEN_H

/*
 * token - what a masked form is made of (gandalf/mask.h): words, punctuation
 * marks, blanks and what stands for something volatile.
 */

/* Behind each token of a form; never part of one. */
#define TOKEN_SEPARATOR '\x1f'
#define TOKEN_WILD "<*>"

#endif
