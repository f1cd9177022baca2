#include "CHostSystem.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static int wait_once(pid_t pid, int options, siginfo_t *info) {
    memset(info, 0, sizeof *info);
    while (waitid(P_PID, (id_t)pid, info, options) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

int chs_wait(pid_t pid, int blocks, int reaps, enum chs_event *event, int *value) {
    siginfo_t info;
    int options = WEXITED | WSTOPPED | WCONTINUED | WNOWAIT | (blocks ? 0 : WNOHANG);
    int failure = wait_once(pid, options, &info);
    if (failure) return failure;

    *value = info.si_status;
    int consume = 0;
    if (info.si_pid == 0) {
        *event = CHS_NOTHING;
        return 0;
    }
    switch (info.si_code) {
    case CLD_EXITED:
        *event = CHS_EXITED;
        consume = reaps ? WEXITED : 0;
        break;
    case CLD_STOPPED:
    case CLD_TRAPPED:
        *event = CHS_STOPPED;
        consume = WSTOPPED;
        break;
    case CLD_CONTINUED:
        *event = CHS_CONTINUED;
        consume = WCONTINUED;
        break;
    default:
        *event = CHS_SIGNALLED;
        consume = reaps ? WEXITED : 0;
        break;
    }
    // The state may have changed since: what is consumed is then gone, and the next look tells.
    return consume ? wait_once(pid, consume | WNOHANG, &info) : 0;
}

int chs_is_child(pid_t pid) {
    siginfo_t info;
    return pid > 0 && wait_once(pid, WEXITED | WNOHANG | WNOWAIT, &info) == 0;
}
