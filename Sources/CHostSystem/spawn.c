#define _GNU_SOURCE

#include "CHostSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif
#ifdef __APPLE__
#include <libproc.h>
#endif

enum {
    FIRST_PASSED = 3,
    MOST_PASSED = 32,
    EXEC_FAILED = 127,
    NOT_ARRANGED = -2,
};

#ifdef __APPLE__
/// Closes the descriptors from `first` to `last` that are open, as /dev/fd lists them; reading that
/// folder itself would take memory, which nothing may do between fork and exec. Returns 0, or -1 if
/// the system doesn't tell.
static int close_open_between(unsigned first, unsigned last) {
    struct proc_fdinfo open_ones[256];
    for (int closed = 1; closed;) {
        // A list that is longer than the room for it is cut; what was closed makes room.
        int size = proc_pidinfo(getpid(), PROC_PIDLISTFDS, 0, open_ones, sizeof open_ones);
        if (size <= 0) return -1;
        closed = 0;
        for (size_t index = 0; index < (size_t)size / sizeof *open_ones; index++) {
            unsigned descriptor = (unsigned)open_ones[index].proc_fd;
            if (descriptor < first || descriptor > last) continue;
            if (close((int)descriptor) == 0) closed = 1;
        }
    }
    return 0;
}
#endif

/// Closes the descriptors from `first` to `last`, `last` included.
static void close_between(unsigned first, unsigned last) {
    if (first > last) return;
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
#ifdef __APPLE__
    if (close_open_between(first, last) == 0) return;
#endif
    // Before Linux 5.9. The limit may be "none", but no process opens that many.
    struct rlimit limit;
    rlim_t end = 262144;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < end) end = limit.rlim_cur;
    for (rlim_t descriptor = first; descriptor < end && descriptor <= last; descriptor++) {
        close((int)descriptor);
    }
}

/// Puts the descriptors in their places and closes all others, except `report`, which is moved
/// out of the way (unless it is -1). Returns its new number, or -2.
static int arrange_descriptors(const struct chs_spawn *request, int report) {
    int count = FIRST_PASSED + request->passed_count;
    int copies[FIRST_PASSED + MOST_PASSED];
    // Copies above all targets first, so that filling one target can't overwrite the source of
    // another.
    if (report >= 0) {
        report = fcntl(report, F_DUPFD_CLOEXEC, count);
        if (report < 0) return NOT_ARRANGED;
    }
    for (int target = 0; target < count; target++) {
        int source = target < FIRST_PASSED ? request->standard[target]
                                           : request->passed[target - FIRST_PASSED];
        copies[target] = fcntl(source, F_DUPFD_CLOEXEC, count);
        if (copies[target] < 0) return NOT_ARRANGED;
    }
    for (int target = 0; target < count; target++) {
        if (dup2(copies[target], target) < 0) return NOT_ARRANGED;
    }
    if (report < 0) {
        close_between((unsigned)count, UINT_MAX);
        return report;
    }
    close_between((unsigned)count, (unsigned)report - 1);
    close_between((unsigned)report + 1, UINT_MAX);
    return report;
}

static void reset_signals(const struct chs_spawn *request) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        struct sigaction current;
        if (sigaction(number, NULL, &current) != 0) continue;
        int is_kept = request->keeps_ignored_signals && current.sa_handler == SIG_IGN
            && number != SIGPIPE && number != SIGCHLD;
        if (!is_kept) sigaction(number, &standard, NULL);
    }
}

static void announce(int descriptor) {
    // The reader may have closed its end. Ignoring also discards a SIGPIPE that is already pending.
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    pid_t own = getpid();
    ssize_t written = write(descriptor, &own, sizeof own);
    (void)written;
    sigaction(SIGPIPE, &ignore, NULL);
}

/// Fills in a number where only the new process knows it, as snprintf isn't safe here.
static void write_decimal(char *text, pid_t number) {
    char digits[24];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0) *text++ = digits[--count];
    *text = 0;
}

/// The child's side, with all signals blocked. Returns only if something failed, with its errno.
static int become(const struct chs_spawn *request, int *report) {
    if (request->new_session && setsid() < 0) return errno;
    if (request->new_group && setpgid(0, 0) != 0) return errno;
    if (request->group > 0 && setpgid(0, request->group) != 0) return errno;
    if (request->own_pid) write_decimal(request->own_pid, getpid());
    if (request->announcement >= 0) announce(request->announcement);
    reset_signals(request);
    // Before the program runs: it might read at once, and would be stopped in the background.
    if (request->terminal >= 0) tcsetpgrp(request->terminal, getpgrp());
    if (request->working_directory && chdir(request->working_directory) != 0) return errno;
    int moved = arrange_descriptors(request, *report);
    if (moved == NOT_ARRANGED) return errno;
    *report = moved;
    if (request->controls_terminal && ioctl(0, TIOCSCTTY, 0) != 0) return errno;
    // After the descriptors are in their places, which may need numbers above the old limit.
    chs_restore_open_files();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
#ifndef __linux__
    // Root that handles files as a user is root again for the programs that it runs.
    if (getuid() == 0 && geteuid() != 0 && (seteuid(0) != 0 || setegid(0) != 0)) return errno;
#endif
    execve(request->executable, request->arguments, request->environment);
    return errno;
}

int chs_pipe(int ends[2]) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
#else
    if (pipe(ends) != 0) return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

/// Waits until the child runs its program (the pipe closes) or says why it can't.
static int read_report(int descriptor) {
    int error = 0;
    ssize_t count;
    do {
        count = read(descriptor, &error, sizeof error);
    } while (count < 0 && errno == EINTR);
    return count == sizeof error ? error : 0;
}

int chs_start(const struct chs_spawn *request, pid_t *pid) {
    if (request->passed_count > MOST_PASSED) return EINVAL;
    int ends[2];
    int failure = chs_pipe(ends);
    if (failure) return failure;

    // No handler of this process may run in the child.
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    pid_t child = fork();
    if (child == 0) {
        int report = ends[1];
        int error = become(request, &report);
        ssize_t written = write(report, &error, sizeof error);
        (void)written;
        _exit(EXEC_FAILED);
    }
    failure = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    close(ends[1]);

    if (!failure) {
        failure = read_report(ends[0]);
        if (failure) {
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
            }
        }
    }
    close(ends[0]);
    *pid = failure ? -1 : child;
    return failure;
}

int chs_replace(const struct chs_spawn *request) {
    if (request->passed_count > MOST_PASSED) return EINVAL;
    int report = -1;
    return become(request, &report);
}
