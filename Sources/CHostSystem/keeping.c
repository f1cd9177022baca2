#define _GNU_SOURCE

#include "CHostSystemKeeping.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#ifndef MSG_NOSIGNAL
// macOS has a socket option for it instead.
#define MSG_NOSIGNAL 0
#endif

static int signal_writing = -1;

static void write_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe already holds more than its reader needs to know.
    ssize_t written = write(signal_writing, &byte, 1);
    (void)written;
    errno = saved;
}

static int set_flags(int descriptor) {
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return errno;
    int flags = fcntl(descriptor, F_GETFL);
    return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

int chs_signal_pipe(const int *signals, int count, int *reading) {
    int ends[2];
    if (pipe(ends) != 0) return errno;
    int failure = set_flags(ends[0]);
    if (!failure) failure = set_flags(ends[1]);
    if (failure) {
        close(ends[0]);
        close(ends[1]);
        return failure;
    }
    signal_writing = ends[1];
    struct sigaction action = {.sa_handler = write_signal, .sa_flags = SA_RESTART};
    for (int index = 0; index < count; index++) sigaction(signals[index], &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    *reading = ends[0];
    return 0;
}

int chs_adopt_orphans(void) {
#ifdef __linux__
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno;
#else
    return ENOSYS;
#endif
}

int chs_next_ended_child(pid_t *pid, int *value, int *is_signal) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        return errno == ECHILD ? 0 : errno;
    }
    if (info.si_pid == 0) return 0;
    *pid = info.si_pid;
    *value = info.si_status;
    *is_signal = info.si_code != CLD_EXITED;
    return 0;
}

/// A short way to a folder whose own path doesn't fit into the address of a socket: a link in a new
/// folder that only this user can enter, needed only while the address is used.
struct shortcut {
    char folder[32];
    char link[40];
};

static int make_shortcut(struct shortcut *shortcut, const char *directory) {
    // Not in TMPDIR, whose path may be as long as the folder's; mkdtemp makes the name unguessable.
    *shortcut = (struct shortcut){.folder = "/tmp/portless-XXXXXX"};
    if (!mkdtemp(shortcut->folder)) return errno;
    snprintf(shortcut->link, sizeof shortcut->link, "%s/d", shortcut->folder);
    if (symlink(directory, shortcut->link) == 0) return 0;
    int failure = errno;
    rmdir(shortcut->folder);
    return failure;
}

static void remove_shortcut(const struct shortcut *shortcut) {
    unlink(shortcut->link);
    rmdir(shortcut->folder);
}

/// Fills in the address of a socket; its path has 104 bytes on macOS and 108 on Linux.
static int fill(struct sockaddr_un *address, const char *path, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    size_t room = sizeof address->sun_path;
    int length = snprintf(address->sun_path, room, "%s/%s", path, name);
    return length >= 0 && (size_t)length < room ? 0 : ENAMETOOLONG;
}

/// Binds the socket and listens on it.
static int listen_at(int descriptor, const struct sockaddr_un *address, int folder,
                     const char *name) {
    if (unlinkat(folder, name, 0) != 0 && errno != ENOENT) return errno;
    if (bind(descriptor, (const struct sockaddr *)address, sizeof *address) != 0) return errno;
    if (fchmodat(folder, name, 0600, 0) != 0) return errno;
    return listen(descriptor, 128) == 0 ? 0 : errno;
}

static int connect_to(int descriptor, const struct sockaddr_un *address) {
    const struct sockaddr *name = (const struct sockaddr *)address;
    return connect(descriptor, name, sizeof *address) == 0 ? 0 : errno;
}

int chs_local_socket(const char *directory, const char *name, int listens, int *descriptor) {
    *descriptor = -1;
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    int result = socket(AF_UNIX, SOCK_STREAM, 0);
    int failure = result < 0 ? errno : 0;
    // Connecting to a local socket doesn't take time: it works or doesn't, or its queue is full.
    if (!failure) failure = set_flags(result);
#ifdef SO_NOSIGPIPE
    int on = 1;
    if (!failure) setsockopt(result, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    struct sockaddr_un address;
    struct shortcut shortcut;
    int is_long = !failure && fill(&address, directory, name) == ENAMETOOLONG;
    if (is_long) {
        failure = make_shortcut(&shortcut, directory);
        if (failure) is_long = 0;
        if (!failure) failure = fill(&address, shortcut.link, name);
    }
    if (!failure) {
        failure = listens ? listen_at(result, &address, folder, name)
                          : connect_to(result, &address);
    }
    if (is_long) remove_shortcut(&shortcut);
    close(folder);
    if (failure && result >= 0) close(result);
    if (!failure) *descriptor = result;
    return failure;
}

int chs_socket_pair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return errno;
    for (int index = 0; index < 2; index++) {
        fcntl(ends[index], F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
        int on = 1;
        setsockopt(ends[index], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    }
    return 0;
}

int chs_accept(int listener, int *descriptor) {
    int result = accept(listener, NULL, NULL);
    if (result < 0) return errno;
    int failure = set_flags(result);
#ifdef SO_NOSIGPIPE
    int on = 1;
    if (!failure) setsockopt(result, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    if (failure) close(result);
    *descriptor = failure ? -1 : result;
    return failure;
}

int chs_send(int descriptor, const void *bytes, size_t length, size_t *sent) {
    ssize_t count = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (count < 0) return errno;
    *sent = (size_t)count;
    return 0;
}
