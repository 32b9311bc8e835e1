#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fail.h"

_Noreturn void
finish(int status)
{
	if (fflush(stdout) == EOF || ferror(stdout) || fclose(stdout) == EOF)
		err(EXIT_TROUBLE, "write <stdout>");
	exit(status);
}

_Noreturn void
fail_memory(void)
{
	errx(EXIT_TROUBLE, "out of memory");
}
