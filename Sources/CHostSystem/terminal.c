#define _GNU_SOURCE

#include "CHostSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int chs_open_terminal(unsigned short columns, unsigned short rows, int ends[2]) {
    int keeper = posix_openpt(O_RDWR | O_NOCTTY);
    if (keeper < 0) return errno;
    fcntl(keeper, F_SETFD, FD_CLOEXEC);
    int program = -1;
    struct winsize size;
    memset(&size, 0, sizeof size);
    size.ws_col = columns;
    size.ws_row = rows;
    if (grantpt(keeper) == 0 && unlockpt(keeper) == 0) {
        const char *name = ptsname(keeper);
        if (name) program = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    if (program < 0 || ioctl(program, TIOCSWINSZ, &size) != 0
        || fcntl(keeper, F_SETFL, O_NONBLOCK) != 0) {
        int error = errno;
        if (program >= 0) close(program);
        close(keeper);
        return error;
    }
    ends[0] = keeper;
    ends[1] = program;
    return 0;
}
