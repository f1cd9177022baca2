/// A name that leads to one of a process's further ports.
package struct PlannedName: Hashable, Sendable {
    package var hostname: Hostname
    package var port: Port

    package init(hostname: Hostname, port: Port) {
        self.hostname = hostname
        self.port = port
    }
}
