import HostSystem

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// Certificates have seconds.
extension Timestamp {
    init(_ date: Date) {
        self.init(seconds: Int64(clamping: date.timeIntervalSince1970))
    }

    var date: Date { Date(timeIntervalSince1970: Double(seconds)) }
}
