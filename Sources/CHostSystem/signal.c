#define _GNU_SOURCE

#include "CHostSystem.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

int chs_open_process(pid_t pid) {
#if defined(__linux__) && defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    return -1;
#endif
}

int chs_signal_process(int handle, pid_t pid, int number) {
    // 0 and below stand for groups and for all processes.
    if (pid <= 1) return EINVAL;
#if defined(__linux__) && defined(SYS_pidfd_send_signal)
    if (handle >= 0) {
        if (syscall(SYS_pidfd_send_signal, handle, number, NULL, 0) == 0) return 0;
        // A sandbox may know the one call and not the other.
        if (errno == ESRCH) return ESRCH;
    }
#else
    (void)handle;
#endif
    return kill(pid, number) == 0 ? 0 : errno;
}
