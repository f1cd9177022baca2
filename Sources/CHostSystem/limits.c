#include "CHostSystem.h"

#include <errno.h>
#include <sys/resource.h>

// What this process was started with; set once, before it has other threads.
static rlim_t files_before;
static int has_raised_files;

int chs_raise_open_files(unsigned long long wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
    if (limit.rlim_cur >= wanted) return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
    if (!has_raised_files) files_before = before;
    has_raised_files = 1;
    return 0;
}

void chs_restore_open_files(void) {
    struct rlimit limit;
    if (!has_raised_files || getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = files_before;
    setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned long long chs_open_file_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}
