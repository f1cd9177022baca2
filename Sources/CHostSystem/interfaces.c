#define _GNU_SOURCE

#include "CHostSystemSockets.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#ifdef __APPLE__
#include <net/if_dl.h>
#else
#include <netpacket/packet.h>
#endif

static void copy_hardware(const struct sockaddr *source, struct chs_interface *target) {
    size_t length = 0;
    const unsigned char *bytes = NULL;
#ifdef __APPLE__
    if (source->sa_family == AF_LINK) {
        const struct sockaddr_dl *link = (const struct sockaddr_dl *)source;
        length = link->sdl_alen;
        bytes = (const unsigned char *)LLADDR(link);
    }
#else
    if (source->sa_family == AF_PACKET) {
        const struct sockaddr_ll *link = (const struct sockaddr_ll *)source;
        length = link->sll_halen;
        bytes = link->sll_addr;
    }
#endif
    if (bytes == NULL || length > sizeof target->hardware) return;
    memcpy(target->hardware, bytes, length);
    target->hardware_length = (unsigned char)length;
}

/// The address of an IPv4 or IPv6 entry; 0 for others.
static size_t address_bytes(const struct sockaddr *source, const unsigned char **bytes) {
    if (source->sa_family == AF_INET) {
        *bytes = (const unsigned char *)&((const struct sockaddr_in *)source)->sin_addr;
        return 4;
    }
    if (source->sa_family == AF_INET6) {
        *bytes = (const unsigned char *)&((const struct sockaddr_in6 *)source)->sin6_addr;
        return 16;
    }
    return 0;
}

static unsigned char prefix_length(const unsigned char *mask, size_t count) {
    unsigned char bits = 0;
    for (size_t index = 0; index < count; index++) {
        for (unsigned char byte = mask[index]; byte & 0x80; byte = (unsigned char)(byte << 1)) bits++;
        if (mask[index] != 0xFF) break;
    }
    return bits;
}

int chs_interfaces(struct chs_interface *list, size_t capacity, size_t *count) {
    struct ifaddrs *first = NULL;
    *count = 0;
    if (getifaddrs(&first) != 0) return errno;
    for (struct ifaddrs *entry = first; entry != NULL && *count < capacity; entry = entry->ifa_next) {
        const unsigned char *bytes = NULL, *mask = NULL;
        size_t length = entry->ifa_addr == NULL ? 0 : address_bytes(entry->ifa_addr, &bytes);
        if (length == 0) continue;
        struct chs_interface *target = &list[(*count)++];
        memset(target, 0, sizeof *target);
        strncpy(target->name, entry->ifa_name, sizeof target->name - 1);
        target->is_up = (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_RUNNING) != 0;
        target->is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
        target->address.is_ipv6 = length == 16;
        memcpy(target->address.bytes, bytes, length);
        // Darwin leaves the family of some masks out.
        if (entry->ifa_netmask != NULL) {
            struct sockaddr_storage storage;
            memset(&storage, 0, sizeof storage);
            memcpy(
                &storage, entry->ifa_netmask,
                length == 16 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
            storage.ss_family = entry->ifa_addr->sa_family;
            if (address_bytes((struct sockaddr *)&storage, &mask) == length) {
                target->prefix_length = prefix_length(mask, length);
            }
        }
        for (struct ifaddrs *other = first; other != NULL; other = other->ifa_next) {
            if (other->ifa_addr != NULL && strcmp(other->ifa_name, entry->ifa_name) == 0) {
                copy_hardware(other->ifa_addr, target);
            }
        }
    }
    freeifaddrs(first);
    return 0;
}
