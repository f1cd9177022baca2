package import PortlessCore

/// Gives apps addresses beyond this machine; each service has one.
package protocol SharingTool: Sendable {
    var provider: SharingProvider { get }

    /// Throws what is missing, before anything is started.
    func checkReadiness() async throws

    /// Asks the service for an address that leads to the port of this machine in `share`.
    ///
    /// `note` is called with what has to be taken back, each time before that changes; it throws
    /// `SharesStore.Failure.portTaken` where another share has Tailscale's port. After an error
    /// nothing is left that this call began. Ends early where its task is cancelled.
    func open(
        _ share: ShareRecord,
        note: @Sendable (ShareRecord) throws -> Void,
    ) async throws -> OpenShare

    /// Takes back what was noted, by this process or by one that has crashed; what is gone, or
    /// belongs to another program by now, is left alone.
    func close(_ share: ShareRecord) async throws
}

/// A share that an app is reached by.
package struct OpenShare: Sendable {
    package var record: ShareRecord
    /// The tunnel's process; nil for a service with a daemon of its own.
    package let tunnel: TunnelProcess?
    /// What the user should know, though it works.
    package var warning: String?

    package init(record: ShareRecord, tunnel: TunnelProcess? = nil, warning: String? = nil) {
        self.record = record
        self.tunnel = tunnel
        self.warning = warning
    }
}

/// Why an app can't be shared: one sentence and a remedy.
package struct SharingError: Error, Hashable, CustomStringConvertible {
    package let sentence: String
    package let remedy: String

    package init(_ sentence: String, remedy: String) {
        self.sentence = sentence
        self.remedy = remedy
    }

    package var description: String { "\(sentence)\n\(remedy)" }
}
