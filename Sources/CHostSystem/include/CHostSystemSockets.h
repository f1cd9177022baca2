#ifndef C_HOST_SYSTEM_SOCKETS_H
#define C_HOST_SYSTEM_SOCKETS_H

#include <stddef.h>
#include <stdint.h>

/// An IPv4 or IPv6 address (4 or 16 bytes, network order) and a port in host order.
struct chs_address {
    unsigned char bytes[16];
    int is_ipv6;
    uint16_t port;
};

/// A socket that waits for peers.
struct chs_socket {
    struct chs_address address;
    /// IPv6 only; unknown (and then 0) before Linux 4.18.
    int is_ipv6_only;
    uint32_t uid;
    uint64_t inode;
};

/// Opens a TCP (or UDP) socket bound to the address, IPv6 without its IPv4 half, with
/// SO_REUSEADDR and not inherited by any exec. Returns 0 or an errno.
int chs_bind(const struct chs_address *address, int is_udp, int *descriptor);

/// The same for TCP on Linux, also where no interface has the address yet (IP_FREEBIND).
int chs_bind_ahead(const struct chs_address *address, int *descriptor);

/// The address a socket is bound to. Returns 0 or an errno.
int chs_bound_address(int descriptor, struct chs_address *address);

/// Connects a socket of the address's family. Returns 0 or an errno (EINPROGRESS among them).
int chs_connect(int descriptor, const struct chs_address *address);

/// Connects, sends a short request and receives up to the first empty line, the end or `capacity`,
/// all within `limit_ms`. With an empty request it only connects, with
/// none it receives what the peer says by itself. Returns 0 or an errno.
int chs_exchange(
    const struct chs_address *address, const void *request, size_t length, void *answer,
    size_t capacity, int limit_ms, size_t *received);

/// An address of a network interface.
struct chs_interface {
    char name[64];
    struct chs_address address;
    /// How many leading bits of the address are its network's.
    unsigned char prefix_length;
    unsigned char is_up;
    unsigned char is_loopback;
    /// The hardware's (MAC) address, of 0 bytes where it has none.
    unsigned char hardware_length;
    unsigned char hardware[8];
};

/// Stores and counts up to `capacity` addresses of this machine's interfaces. Returns 0 or an errno.
int chs_interfaces(struct chs_interface *list, size_t capacity, size_t *count);

#ifdef __APPLE__
/// Checks in with launchd for the sockets that the job's property list has under `name`. Stores
/// and counts them. Returns 0 or an errno: ENOENT for an unknown name, ESRCH outside a job.
int chs_launchd_sockets(const char *name, int *descriptors, size_t capacity, size_t *count);
#endif

#ifdef __linux__
/// Asks the kernel for the sockets of one family that wait for peers (netlink, sock_diag(7)).
/// Stores up to `capacity` of them and counts all. Returns 0 or an errno.
int chs_listening_sockets(
    int is_ipv6, int is_udp, struct chs_socket *sockets, size_t capacity, size_t *count);
#endif

#endif
