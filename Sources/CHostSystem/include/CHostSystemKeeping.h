#ifndef C_HOST_SYSTEM_KEEPING_H
#define C_HOST_SYSTEM_KEEPING_H

#include <stddef.h>
#include <sys/types.h>

/// Turns signals into bytes (their numbers) of a pipe that doesn't block, and ignores SIGPIPE. Once
/// in a process. Returns 0 or an errno.
int chs_signal_pipe(const int *signals, int count, int *reading);

/// Makes descendants that lose their parents children of this process (Linux). Returns 0 or an
/// errno.
int chs_adopt_orphans(void);

/// Looks for a child that has ended, without reaping it; `pid` stays as it is if there is none.
/// `value` is its exit code or signal. Returns 0 or an errno.
int chs_next_ended_child(pid_t *pid, int *value, int *is_signal);

/// Opens a local stream socket in a directory, connected to `name` there or listening as it (mode
/// 0600, in place of an older one); it doesn't block and isn't inherited. Returns 0 or an errno.
int chs_local_socket(const char *directory, const char *name, int listens, int *descriptor);

/// Makes two connected stream sockets that no exec passes on. Returns 0 or an errno.
int chs_socket_pair(int ends[2]);

/// Takes a connection; it doesn't block and isn't inherited. Returns 0 or an errno.
int chs_accept(int listener, int *descriptor);

/// As write on a local socket, but a peer that is gone is EPIPE and no SIGPIPE. Returns 0 or an errno.
int chs_send(int descriptor, const void *bytes, size_t length, size_t *sent);

/// Sends one datagram to the local socket of that path, or of that abstract name if it begins with
/// an @. Returns 0 or an errno.
int chs_send_datagram(const char *path, const char *text);

#endif
