#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/whole.h"

int
whole_open(struct whole *w, const char *path)
{
	struct buf name = { 0 };
	char host[256] = "";
	mode_t mask;
	int fd;

	*w = (struct whole){ 0 };
	gethostname(host, sizeof(host) - 1);
	buf_printf(&name, "%s.%s.%ld.XXXXXX", path, host, (long)getpid());
	w->temp = buf_cstr(&name);
	w->path = mem_copy(path, strlen(path));
	if ((fd = mkostemp(w->temp, O_CLOEXEC)) == -1)
		goto fail;
	mask = umask(0);
	umask(mask);
	if (fchmod(fd, 0666 & ~mask) == -1 ||
	    (w->fp = fdopen(fd, "w")) == NULL) {
		close(fd);
		unlink(w->temp);
		goto fail;
	}
	return 0;
fail:
	free(w->temp);
	free(w->path);
	*w = (struct whole){ 0 };
	return -1;
}

/* The rename itself is on disk only when its directory is. */
static int
sync_directory(const char *path)
{
	char *copy = mem_copy(path, strlen(path));
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd == -1 || fsync(fd) == 0 || errno == EINVAL ? 0 : -1;

	if (fd != -1)
		close(fd);
	free(copy);
	return r;
}

int
whole_commit(struct whole *w)
{
	int saved, bad = fflush(w->fp) == EOF || ferror(w->fp) ||
	    (fsync(fileno(w->fp)) == -1 && errno != EINVAL);

	saved = errno;
	if (fclose(w->fp) == EOF && !bad) {
		bad = 1;
		saved = errno;
	}
	w->fp = NULL;
	if (!bad && (rename(w->temp, w->path) == -1 ||
	    sync_directory(w->path) == -1)) {
		bad = 1;
		saved = errno;
	}
	if (bad)
		unlink(w->temp);
	free(w->temp);
	free(w->path);
	*w = (struct whole){ 0 };
	errno = saved;
	return bad ? -1 : 0;
}

void
whole_abort(struct whole *w)
{
	if (w->fp == NULL)
		return;
	fclose(w->fp);
	unlink(w->temp);
	free(w->temp);
	free(w->path);
	*w = (struct whole){ 0 };
}
