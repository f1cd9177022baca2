#define _GNU_SOURCE

#include "CHostSystem.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/fsuid.h>
#include <sys/prctl.h>
#endif

static int set_groups(int count, const gid_t *groups) {
#ifdef __linux__
    return setgroups((size_t)count, groups) == 0 ? 0 : errno;
#else
    return setgroups(count, groups) == 0 ? 0 : errno;
#endif
}

// Linux has users and groups for the access to files alone (setfsuid(2)), which each thread has for
// itself and passes on to those it starts; a program that is run gets those of the process again.
// Elsewhere the effective ones serve, with the real user still root: they are the process's, and
// code that starts a program or drops root has to take root back before.

uid_t chs_file_user(void) {
#ifdef __linux__
    // An impossible user changes nothing.
    return (uid_t)setfsuid((uid_t)-1);
#else
    return geteuid();
#endif
}

int chs_set_file_user(uid_t uid) {
#ifdef __linux__
    setfsuid(uid);
    return chs_file_user() == uid ? 0 : EPERM;
#else
    return seteuid(uid) == 0 ? 0 : errno;
#endif
}

int chs_handle_files_as(uid_t uid, gid_t gid, const gid_t *groups, int group_count) {
    if (uid == 0 || gid == 0) return EINVAL;
    int failure = set_groups(group_count, groups);
    if (failure) return failure;
#ifdef __linux__
    setfsgid(gid);
    if ((gid_t)setfsgid((gid_t)-1) != gid) return EPERM;
#else
    if (setegid(gid) != 0) return errno;
#endif
    return chs_set_file_user(uid);
}

static int set_ids(uid_t uid, gid_t gid) {
#ifdef __linux__
    if (setresgid(gid, gid, gid) != 0) return errno;
    if (setresuid(uid, uid, uid) != 0) return errno;
#else
    // Called as root, these also set the saved IDs.
    if (setgid(gid) != 0) return errno;
    if (setuid(uid) != 0) return errno;
#endif
    return 0;
}

/// Whether any way back to another identity is left.
static int can_return(uid_t uid, gid_t gid) {
#ifdef __linux__
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    if (getresuid(&real, &effective, &saved) != 0) return 1;
    if (getresgid(&real_group, &effective_group, &saved_group) != 0) return 1;
    if (real != uid || effective != uid || saved != uid) return 1;
    if (real_group != gid || effective_group != gid || saved_group != gid) return 1;
#else
    if (getuid() != uid || geteuid() != uid || getgid() != gid || getegid() != gid) return 1;
#endif
    return setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || setegid(0) == 0;
}

/// Takes away what a set-user-ID program or file capabilities could still give to the process.
static int forbid_new_privileges(void) {
#ifdef __linux__
    // Ends at the first number that this kernel doesn't know.
    for (unsigned long capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
#endif
    return 0;
}

int chs_drop_privileges(uid_t uid, gid_t gid, const gid_t *groups, int group_count) {
    if (uid == 0 || gid == 0) return EINVAL;
    for (int i = 0; i < group_count; i++) {
        if (groups[i] == 0) return EINVAL;
    }
#ifndef __linux__
    // Files may have been handled as the user before.
    if (geteuid() != 0 && seteuid(0) != 0) return errno;
#endif
    // In this order: without root's uid neither groups nor gid can be changed any more.
    int failure = set_groups(group_count, groups);
    if (failure) return failure;
    failure = forbid_new_privileges();
    if (failure) return failure;
    failure = set_ids(uid, gid);
    if (failure) return failure;
    return can_return(uid, gid) ? EPERM : 0;
}

int chs_user_groups(const char *name, gid_t gid, gid_t *groups, int capacity) {
    int count = capacity;
#ifdef __linux__
    getgrouplist(name, gid, groups, &count);
    return count;
#else
    // macOS takes and gives int, and doesn't tell how many there would be.
    int found = getgrouplist(name, (int)gid, (int *)groups, &count);
    return found < 0 ? capacity * 2 : count;
#endif
}
