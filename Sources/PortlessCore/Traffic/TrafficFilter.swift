/// Chooses among records, in the API and in the terminal.
package struct TrafficFilter: Hashable, Sendable {
    /// A status, or all that begin with a digit.
    package enum Status: Hashable, Sendable {
        case exactly(Int)
        /// The hundreds: 4 for 400 to 499.
        case hundreds(Int)
        /// Exchanges that broke off, or that the proxy answered with an error.
        case failed

        /// `404`, `4xx` or `failed`; nil for anything else.
        package init?(_ text: String) {
            let text = text.lowercased()
            if text == "failed" {
                self = .failed
            } else if text.utf8.count == 3, text.hasSuffix("xx"),
                let hundreds = Int(text.prefix(1)), (1...5).contains(hundreds)
            {
                self = .hundreds(hundreds)
            } else if let status = Int(text), (100...999).contains(status) {
                self = .exactly(status)
            } else {
                return nil
            }
        }
    }

    /// An app's name with those under it (`api.shop` for `shop`), or a whole host name.
    package var app: String?
    package var status: Status?
    package var method: String?
    /// A part of host, path, media type or failure, in any case.
    package var text: String?

    package init(
        app: String? = nil,
        status: Status? = nil,
        method: String? = nil,
        text: String? = nil,
    ) {
        self.app = app?.lowercased()
        self.status = status
        self.method = method
        self.text = text?.lowercased()
    }

    package func matches(_ record: TrafficRecord) -> Bool {
        matchesApp(record) && matchesStatus(record) && matchesText(record)
            && (method.map { $0.uppercased() == record.method.uppercased() } ?? true)
    }

    private func matchesApp(_ record: TrafficRecord) -> Bool {
        guard let app else { return true }
        return [record.app, record.host].contains { name in
            guard let name else { return false }
            return name == app || name.hasSuffix("." + app)
        }
    }

    private func matchesStatus(_ record: TrafficRecord) -> Bool {
        switch status {
        case nil: true
        case .exactly(let status): record.status == status
        case .hundreds(let hundreds): record.status.map { $0 / 100 } == hundreds
        case .failed: record.failure != nil
        }
    }

    private func matchesText(_ record: TrafficRecord) -> Bool {
        guard let text else { return true }
        return [record.host, record.path, record.type, record.failure].contains {
            $0?.lowercased().contains(text) == true
        }
    }
}
