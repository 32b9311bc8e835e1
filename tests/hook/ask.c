/*
 * ask PORT SECONDS WORD... - says each word to a peer on a connection of its
 * own, and waits so long for the answer.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char answer[256];

	if (argc < 4)
		return 2;
	a.sin_port = htons((uint16_t)atoi(argv[1]));
	for (int i = 3; i < argc; i++) {
		int s = socket(AF_INET, SOCK_STREAM, 0);
		struct pollfd p = { s, POLLIN, 0 };

		if (connect(s, (struct sockaddr *)&a, sizeof(a)) == 0 &&
		    write(s, argv[i], strlen(argv[i])) > 0 &&
		    poll(&p, 1, atoi(argv[2]) * 1000) == 1)
			(void)!read(s, answer, sizeof(answer));
		close(s);
	}
	return 0;
}
