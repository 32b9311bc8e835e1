#ifndef RESIN_BESIDE_H
#define RESIN_BESIDE_H

/*
 * beside - a file that belongs to the program, by its way from the directory
 * of the binary: "../lib/x.so".  So what was built runs where it was built, and
 * what was installed where it was installed, without a path compiled in.
 * Returns its path, owned by the caller, or NULL if it cannot be read.
 */
char *beside(const char *way, const char *name);

#endif
