#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/beside.h"
#include "base/buf.h"

char *
beside(const char *way, const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct buf path = { 0 };
	char *slash;

	if (n == -1)
		return NULL;
	self[n] = '\0';
	if ((slash = strrchr(self, '/')) != NULL)
		slash[1] = '\0';
	buf_printf(&path, "%s%s%s", self, way, name);
	if (access(buf_cstr(&path), R_OK) == 0)
		return path.s;
	buf_free(&path);
	return NULL;
}
