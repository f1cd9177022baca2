#include "CHostSystem.h"

#ifdef __APPLE__

#include <errno.h>
#include <launch.h>
#include <stdlib.h>
#include <unistd.h>

int chs_launchd_sockets(const char *name, int *descriptors, size_t capacity, size_t *count)
{
    int *found = NULL;
    int error = launch_activate_socket(name, &found, count);
    if (error != 0) {
        return error;
    }
    if (*count > capacity) {
        error = ENOBUFS;
    }
    for (size_t index = 0; index < *count; index++) {
        if (error == 0) {
            descriptors[index] = found[index];
        } else {
            close(found[index]);
        }
    }
    free(found);
    return error;
}

#endif
