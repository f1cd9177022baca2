#ifndef C_HOST_SYSTEM_H
#define C_HOST_SYSTEM_H

#include "CHostSystemKeeping.h"
#include "CHostSystemMemory.h"
#include "CHostSystemSockets.h"

#include <sys/types.h>

/// A handle that stays with the process which has this PID now, also once another has the PID; -1
/// where the system has none (macOS, Linux before 5.3) or there is no such process.
int chs_open_process(pid_t pid);

/// Signals the process of the handle, or without a handle the one that has the PID. Returns 0 or an
/// errno.
int chs_signal_process(int handle, pid_t pid, int number);

/// Whether this is a child of ours that wasn't reaped yet.
int chs_is_child(pid_t pid);

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
    /// A group of the caller's session that it joins, or 0.
    pid_t group;
    /// Signals that the caller ignores stay ignored (as under nohup), except SIGPIPE and SIGCHLD.
    int keeps_ignored_signals;
    /// A terminal whose foreground the new group takes before it runs, or -1.
    int terminal;
    /// Whether standard input, a terminal, becomes the controlling one of the new session.
    int controls_terminal;
    /// Where the new process writes its PID (`pid_t`, native order) before it runs, or -1.
    int announcement;
    /// A place in `environment`, with room for 23 digits, where the process writes its PID; or
    /// NULL.
    char *own_pid;
};

/// Starts a process. Returns 0 and its PID, or an errno; a failed exec is reported too, with
/// nothing left behind.
int chs_start(const struct chs_spawn *request, pid_t *pid);

/// Becomes the program, in this very process. Returns only if that failed, with an errno, and then
/// the descriptors may be gone already.
int chs_replace(const struct chs_spawn *request);

/// Raises the soft limit of open files to `wanted`, or as far as the hard one lets it. Returns 0 or
/// an errno. Not thread-safe.
int chs_raise_open_files(unsigned long long wanted);

/// Sets the soft limit back to what it was before it was raised. Only makes system calls, so it may
/// be called between fork and exec.
void chs_restore_open_files(void);

/// The soft limit of open files.
unsigned long long chs_open_file_limit(void);

/// Gives up root for good, with all its groups. Returns 0, or an errno after which the process
/// must not go on.
int chs_drop_privileges(uid_t uid, gid_t gid, const gid_t *groups, int group_count);

/// Lets root handle files with the rights of a user, and nothing else: threads that are started later
/// do so, too. Returns 0 or an errno.
int chs_handle_files_as(uid_t uid, gid_t gid, const gid_t *groups, int group_count);

/// The user with whose rights this thread handles files.
uid_t chs_file_user(void);

/// Changes it, between root and that user. Returns 0 or an errno.
int chs_set_file_user(uid_t uid);

/// The groups of a user, `gid` among them. Returns their number, or the number there would be
/// if it is more than `capacity`, or -1.
int chs_user_groups(const char *name, gid_t gid, gid_t *groups, int capacity);

/// Makes a pseudo-terminal of this size that no exec passes on: the end of its keeper, which doesn't
/// block, and the end of its program. Returns 0 or an errno.
int chs_open_terminal(unsigned short columns, unsigned short rows, int ends[2]);

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
