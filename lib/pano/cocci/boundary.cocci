// Ob-boundaries: the calls with which a program crosses its own boundary, each
// replaced by the same call with a report.  The observer is the program; the
// subject is the peer of the descriptor, the address or the name in the call.
// Coccinelle semantic patches (SmPL); a project adds its own with -p.

@boundary@
expression FD, A, B, C, D;
@@
(
- connect(FD, A, B)
+ pano_connect(FD, A, B)
|
- send(FD, A, B, C)
+ pano_send(FD, A, B, C)
|
- write(FD, A, B)
+ pano_write(FD, A, B)
|
- writev(FD, A, B)
+ pano_writev(FD, A, B)
|
- sendmsg(FD, A, B)
+ pano_sendmsg(FD, A, B)
|
- recv(FD, A, B, C)
+ pano_recv(FD, A, B, C)
|
- read(FD, A, B)
+ pano_read(FD, A, B)
|
- readv(FD, A, B)
+ pano_readv(FD, A, B)
|
- recvmsg(FD, A, B)
+ pano_recvmsg(FD, A, B)
|
- poll(A, B, C)
+ pano_poll(A, B, C)
|
- getaddrinfo(A, B, C, D)
+ pano_getaddrinfo(A, B, C, D)
)

@wide@
expression FD, A, B, C, D, E;
@@
(
- sendto(FD, A, B, C, D, E)
+ pano_sendto(FD, A, B, C, D, E)
|
- recvfrom(FD, A, B, C, D, E)
+ pano_recvfrom(FD, A, B, C, D, E)
|
- getsockopt(FD, A, SO_ERROR, B, C)
+ pano_getsockopt(FD, A, SO_ERROR, B, C)
)
