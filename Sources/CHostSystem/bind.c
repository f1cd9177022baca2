#define _GNU_SOURCE

#include "CHostSystemSockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union any_address {
    struct sockaddr plain;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static socklen_t fill(const struct chs_address *address, union any_address *result) {
    memset(result, 0, sizeof *result);
    if (address->is_ipv6) {
#ifdef __APPLE__
        result->ipv6.sin6_len = sizeof result->ipv6;
#endif
        result->ipv6.sin6_family = AF_INET6;
        result->ipv6.sin6_port = htons(address->port);
        memcpy(&result->ipv6.sin6_addr, address->bytes, 16);
        return sizeof result->ipv6;
    }
#ifdef __APPLE__
    result->ipv4.sin_len = sizeof result->ipv4;
#endif
    result->ipv4.sin_family = AF_INET;
    result->ipv4.sin_port = htons(address->port);
    memcpy(&result->ipv4.sin_addr, address->bytes, 4);
    return sizeof result->ipv4;
}

static int open_bound(
    const struct chs_address *address, int is_udp, int is_ahead, int *descriptor) {
    int family = address->is_ipv6 ? AF_INET6 : AF_INET;
    int type = is_udp ? SOCK_DGRAM : SOCK_STREAM;
#ifdef __linux__
    type |= SOCK_CLOEXEC;
#endif
    int result = socket(family, type, 0);
    if (result < 0) return errno;
    fcntl(result, F_SETFD, FD_CLOEXEC);
    int yes = 1;
    union any_address target;
    socklen_t length = fill(address, &target);
    int failed = 0;
    // For UDP the option would let two sockets share a port.
    if (!is_udp) failed |= setsockopt(result, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->is_ipv6) {
        failed |= setsockopt(result, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    }
#ifdef __linux__
    if (is_ahead) failed |= setsockopt(result, IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes);
#else
    (void)is_ahead;
#endif
    if (failed || bind(result, &target.plain, length) != 0) {
        int error = errno;
        close(result);
        return error;
    }
    *descriptor = result;
    return 0;
}

int chs_bind(const struct chs_address *address, int is_udp, int *descriptor) {
    return open_bound(address, is_udp, 0, descriptor);
}

int chs_bind_ahead(const struct chs_address *address, int *descriptor) {
    return open_bound(address, 0, 1, descriptor);
}

int chs_bound_address(int descriptor, struct chs_address *address) {
    union any_address source;
    socklen_t length = sizeof source;
    memset(address, 0, sizeof *address);
    if (getsockname(descriptor, &source.plain, &length) != 0) return errno;
    switch (source.plain.sa_family) {
    case AF_INET6:
        address->is_ipv6 = 1;
        address->port = ntohs(source.ipv6.sin6_port);
        memcpy(address->bytes, &source.ipv6.sin6_addr, 16);
        return 0;
    case AF_INET:
        address->port = ntohs(source.ipv4.sin_port);
        memcpy(address->bytes, &source.ipv4.sin_addr, 4);
        return 0;
    default: return EAFNOSUPPORT;
    }
}

int chs_connect(int descriptor, const struct chs_address *address) {
    union any_address target;
    socklen_t length = fill(address, &target);
    return connect(descriptor, &target.plain, length) == 0 ? 0 : errno;
}
