#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Asks one question on a connected socket. */
int
ask(int fd, const char *question, size_t n, char *answer, size_t size)
{
	ssize_t got;

	if (write(fd, question, n) == -1)
		return -1;
	got = read(fd, answer, size);
	if (got == -1) {
		perror("read");
		return -1;
	} else if (got == 0)
		return -1;
	return 0;
}
