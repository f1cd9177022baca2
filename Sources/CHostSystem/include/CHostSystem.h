#ifndef C_HOST_SYSTEM_H
#define C_HOST_SYSTEM_H

#include <sys/types.h>

/// What a new process is made of. Everything is prepared by the caller, because between fork and
/// exec only async-signal-safe functions may be called.
struct chs_spawn {
    /// The program itself; PATH is not searched.
    const char *executable;
    char *const *arguments;
    char *const *environment;
    /// NULL: the caller's.
    const char *working_directory;
    /// Descriptors of the caller that become 0, 1 and 2.
    int standard[3];
    /// Descriptors of the caller that become 3, 4 and so on; all others are closed.
    const int *passed;
    int passed_count;
    /// A session of its own, which is also a group of its own.
    int new_session;
    /// A process group of its own in the caller's session.
    int new_group;
    /// Signals that the caller ignores stay ignored (as under nohup), except SIGPIPE and SIGCHLD.
    int keeps_ignored_signals;
    /// A terminal whose foreground the new group takes before it runs, or -1.
    int terminal;
    /// Where the new process writes its PID (`pid_t`, native order) before it runs, or -1.
    int announcement;
};

/// Starts a process. Returns 0 and its PID, or an errno; a failed exec is reported too, with
/// nothing left behind.
int chs_start(const struct chs_spawn *request, pid_t *pid);

/// Makes a pipe that no exec passes on: reading end, writing end. Returns 0 or an errno.
int chs_pipe(int ends[2]);

/// What `chs_wait` saw of a child.
enum chs_event {
    CHS_NOTHING,
    CHS_EXITED,
    CHS_SIGNALLED,
    CHS_STOPPED,
    CHS_CONTINUED,
};

/// Looks at a child. `value` is its exit code or signal. With `blocks`, waits for the next event,
/// else returns CHS_NOTHING if there is none. An ended child is reaped only if `reaps`.
/// Returns 0 or an errno.
int chs_wait(pid_t pid, int blocks, int reaps, enum chs_event *event, int *value);

#endif
