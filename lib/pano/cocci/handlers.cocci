// Ob-points in error handling that no errno tells of: the branch that a program
// takes when the stream from its peer has ended, or when it has waited in vain.
// Runs behind boundary.cocci.

@ended@
expression FD, R;
statement S, T, U;
@@
 R = \(pano_recv(FD, ...)\|pano_read(FD, ...)\|pano_recvmsg(FD, ...)\);
 ...
(
 if (R == 0)
+{ pano_closed(FD, PANO_HERE);
 S
+}
|
 if (R == 0)
+{ pano_closed(FD, PANO_HERE);
 S
+}
 else T
|
 if (\(R < 0\|R == -1\)) T else if (R == 0)
+{ pano_closed(FD, PANO_HERE);
 S
+}
|
 if (\(R < 0\|R == -1\)) T else if (R == 0)
+{ pano_closed(FD, PANO_HERE);
 S
+}
 else U
)

@direct@
expression FD, R;
statement S;
@@
(
 if ((R = pano_recv(FD, ...)) == 0)
+{ pano_closed(FD, PANO_HERE);
 S
+}
|
 if ((R = pano_read(FD, ...)) == 0)
+{ pano_closed(FD, PANO_HERE);
 S
+}
)

// Programs that use select(2): there is no list of who was waited for, but
// most often one descriptor was added just before.
@waited@
expression FD, R, N, T;
identifier SET;
statement S;
@@
 FD_SET(FD, &SET);
 ...
 R = select(N, ..., T);
 ...
 if (R == 0)
+{ pano_waited(FD, PANO_HERE);
 S
+}
