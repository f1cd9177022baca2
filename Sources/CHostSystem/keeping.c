#define _GNU_SOURCE

#include "CHostSystemKeeping.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
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

/// Fills in the address of a socket in `directory`, whose own path may be too long for one.
static int fill(struct sockaddr_un *address, int directory, const char *path, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    size_t room = sizeof address->sun_path;
    int length = snprintf(address->sun_path, room, "%s/%s", path, name);
    if (length >= 0 && (size_t)length < room) return 0;
#ifdef __linux__
    length = snprintf(address->sun_path, room, "/proc/self/fd/%d/%s", directory, name);
    if (length >= 0 && (size_t)length < room) return 0;
#else
    (void)directory;
#endif
    return ENAMETOOLONG;
}

int chs_local_socket(const char *directory, const char *name, int listens, int *descriptor) {
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    struct sockaddr_un address;
    int failure = fill(&address, folder, directory, name);
    int result = -1;
    if (!failure) {
        result = socket(AF_UNIX, SOCK_STREAM, 0);
        if (result < 0) failure = errno;
    }
    // Connecting to a local socket doesn't take time: it works or doesn't, or its queue is full.
    if (!failure) failure = set_flags(result);
#ifdef SO_NOSIGPIPE
    int on = 1;
    if (!failure) setsockopt(result, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    const struct sockaddr *name_of = (const struct sockaddr *)&address;
    if (!failure && listens) {
        if (unlinkat(folder, name, 0) != 0 && errno != ENOENT) failure = errno;
        if (!failure && bind(result, name_of, sizeof address) != 0) failure = errno;
        if (!failure && fchmodat(folder, name, 0600, 0) != 0) failure = errno;
        if (!failure && listen(result, 128) != 0) failure = errno;
    } else if (!failure) {
        if (connect(result, name_of, sizeof address) != 0) failure = errno;
    }
    close(folder);
    if (failure && result >= 0) close(result);
    *descriptor = failure ? -1 : result;
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
    if (failure) close(result);
    *descriptor = failure ? -1 : result;
    return failure;
}
