#if canImport(Glibc)
package import Glibc
#elseif canImport(Musl)
package import Musl
#else
package import Darwin
#endif

/// The `SO_LINGER` value with which closing a socket sends a reset instead of an orderly end.
package let abortiveClose = linger(l_onoff: 1, l_linger: 0)
