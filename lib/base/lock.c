#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/lock.h"

int
lock_take(const char *path)
{
	struct buf name = { 0 };
	int fd, why;

	buf_printf(&name, "%s.lock", path);
	fd = open(buf_cstr(&name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0666);
	buf_free(&name);
	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1)
		if (errno != EINTR) {
			why = errno;
			close(fd);
			errno = why;
			return -1;
		}
	return fd;
}

void
lock_drop(int lock)
{
	if (lock != -1)
		close(lock);
}
