import HostSystem
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One line for each event: when, how grave, what.
struct ProxyLogHandler: LogHandler {
    let log: ProxyLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(log: ProxyLog) {
        self.log = log
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Hosts, paths and the like come from clients, and the log is read in a terminal.
    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .map { " \($0.key)=\($0.value)" }.sorted().joined()
        let words = "\(event.message)\(fields)".visibleLine
        log.write("\(Date.now.formatted(.iso8601)) \(event.level): \(words)")
    }
}
