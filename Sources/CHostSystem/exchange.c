#define _GNU_SOURCE

#include "CHostSystemSockets.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
// macOS has a socket option for it instead.
#define MSG_NOSIGNAL 0
#endif

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

/// Waits until the socket is ready. Returns 0 or an errno.
static int await(int descriptor, short events, long deadline) {
    for (;;) {
        long left = deadline - now_ms();
        if (left <= 0) return ETIMEDOUT;
        struct pollfd entry = {.fd = descriptor, .events = events};
        int ready = poll(&entry, 1, (int)left);
        if (ready > 0) return 0;
        if (ready < 0 && errno != EINTR) return errno;
    }
}

static int exchange(
    int descriptor, const struct chs_address *address, const void *request, size_t length,
    void *answer, size_t capacity, long deadline, size_t *received) {
    int error = chs_connect(descriptor, address);
    if (error == EINPROGRESS) {
        error = await(descriptor, POLLOUT, deadline);
        socklen_t size = sizeof error;
        if (!error && getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)) error = errno;
    }
    if (error) return error;
    // A request of a line or two fits into the empty buffer of a new connection.
    if (length > 0 && send(descriptor, request, length, MSG_NOSIGNAL) != (ssize_t)length) {
        return EIO;
    }
    while ((length > 0 || !request) && *received < capacity) {
        error = await(descriptor, POLLIN, deadline);
        if (error) return error;
        ssize_t count = recv(descriptor, (char *)answer + *received, capacity - *received, 0);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count < 0) return errno;
        *received += (size_t)count;
        if (count == 0 || memmem(answer, *received, "\r\n\r\n", 4)) return 0;
    }
    return 0;
}

int chs_exchange(
    const struct chs_address *address, const void *request, size_t length, void *answer,
    size_t capacity, int limit_ms, size_t *received) {
    *received = 0;
    int descriptor = socket(address->is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) return errno;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
#ifdef __APPLE__
    int yes = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    int error = exchange(
        descriptor, address, request, length, answer, capacity, now_ms() + limit_ms, received);
    close(descriptor);
    return error;
}
