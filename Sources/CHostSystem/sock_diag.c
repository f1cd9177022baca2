#ifdef __linux__

#include "CHostSystemSockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    // Kernel-internal states, the same for all protocols; an unconnected UDP socket is "closed".
    STATE_CLOSE = 7,
    STATE_LISTEN = 10,
};

static int request(int netlink, int is_ipv6, int is_udp) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } message;
    memset(&message, 0, sizeof message);
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.body.sdiag_family = is_ipv6 ? AF_INET6 : AF_INET;
    message.body.sdiag_protocol = is_udp ? IPPROTO_UDP : IPPROTO_TCP;
    message.body.idiag_states = 1u << (is_udp ? STATE_CLOSE : STATE_LISTEN);
    return send(netlink, &message, sizeof message, 0) < 0 ? errno : 0;
}

static struct chs_socket describe(const struct nlmsghdr *header) {
    const struct inet_diag_msg *message = NLMSG_DATA(header);
    struct chs_socket result;
    memset(&result, 0, sizeof result);
    result.address.is_ipv6 = message->idiag_family == AF_INET6;
    result.address.port = ntohs(message->id.idiag_sport);
    memcpy(result.address.bytes, message->id.idiag_src, result.address.is_ipv6 ? 16 : 4);
    result.uid = message->idiag_uid;
    result.inode = message->idiag_inode;

    int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *message));
    const struct rtattr *attribute = (const struct rtattr *)(message + 1);
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type != INET_DIAG_SKV6ONLY) continue;
        result.is_ipv6_only = *(const unsigned char *)RTA_DATA(attribute) != 0;
    }
    return result;
}

/// Reads one datagram of the answer. `done` tells whether it was the last.
static int receive(
    int netlink, struct chs_socket *sockets, size_t capacity, size_t *count, int *done) {
    // The kernel fills at most 32 KiB at a time.
    union {
        struct nlmsghdr header;
        char bytes[32768];
    } buffer;
    ssize_t length = recv(netlink, &buffer, sizeof buffer, 0);
    if (length < 0) return errno == EINTR ? 0 : errno;
    const struct nlmsghdr *header = &buffer.header;
    for (; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length)) {
        if (header->nlmsg_type == NLMSG_DONE) {
            *done = 1;
            return 0;
        }
        if (header->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *error = NLMSG_DATA(header);
            return error->error ? -error->error : EPROTO;
        }
        if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) continue;
        struct chs_socket found = describe(header);
        // A socket that isn't bound yet.
        if (found.address.port == 0) continue;
        if (*count < capacity) sockets[*count] = found;
        (*count)++;
    }
    return 0;
}

int chs_listening_sockets(
    int is_ipv6, int is_udp, struct chs_socket *sockets, size_t capacity, size_t *count) {
    *count = 0;
    int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) return errno;
    int failure = request(netlink, is_ipv6, is_udp);
    int done = 0;
    while (!failure && !done) failure = receive(netlink, sockets, capacity, count, &done);
    close(netlink);
    return failure;
}

#endif
