import HostSystem

/// The addresses beyond this machine, in the npm original's fields and ours beside them.
extension RouteEntry {
    package struct Address: Hashable, Sendable {
        package let provider: SharingProvider
        package let url: String
    }

    package var tailscaleURL: String? {
        get { json["tailscaleUrl"]?.string }
        set { setField("tailscaleUrl", newValue.map(JSONValue.string)) }
    }

    package var isFunnel: Bool {
        get { json["tailscaleFunnel"]?.bool ?? false }
        set { setField("tailscaleFunnel", newValue ? .bool(true) : nil) }
    }

    package var ngrokURL: String? {
        get { json["ngrokUrl"]?.string }
        set { setField("ngrokUrl", newValue.map(JSONValue.string)) }
    }

    package var cloudflareURL: String? {
        get { json["cloudflareUrl"]?.string }
        set { setField("cloudflareUrl", newValue.map(JSONValue.string)) }
    }

    package var addresses: [Address] {
        [
            tailscaleURL.map { Address(provider: isFunnel ? .funnel : .tailscale, url: $0) },
            ngrokURL.map { Address(provider: .ngrok, url: $0) },
            cloudflareURL.map { Address(provider: .cloudflare, url: $0) },
        ].compactMap(\.self)
    }

    package func isNamed(_ hostname: Hostname) -> Bool { matches(hostname) }

    /// From where it is reached by what it says itself.
    package var reach: Reach {
        let own: Reach = exposedAddress == nil ? .loopback : .lan
        return addresses.map(\.provider.reach).reduce(own, max)
    }

    package mutating func setAddress(_ share: ShareRecord) {
        let pid = share.tunnel.map { JSONValue.integer($0.pid) }
        switch share.provider {
        case .tailscale, .funnel:
            tailscaleURL = share.url
            setField("tailscaleHttpsPort", share.httpsPort.map { .integer($0.rawValue) })
            isFunnel = share.provider == .funnel
        case .ngrok:
            ngrokURL = share.url
            setField("ngrokPid", pid)
        case .cloudflare:
            cloudflareURL = share.url
            setField("cloudflarePid", pid)
        }
    }

    package mutating func removeAddress(of provider: SharingProvider) {
        let fields =
            switch provider {
            case .tailscale, .funnel: ["tailscaleUrl", "tailscaleHttpsPort", "tailscaleFunnel"]
            case .ngrok: ["ngrokUrl", "ngrokPid"]
            case .cloudflare: ["cloudflareUrl", "cloudflarePid"]
            }
        for field in fields { setField(field, nil) }
    }

    /// The shares of a dead entry, to be taken back: the npm original keeps no other record.
    package var recordedShares: [ShareRecord] {
        guard let hostname = Hostname(hostname), let port,
            case .process(let owner) = owner
        else { return [] }
        return addresses.map { address in
            var record = ShareRecord(
                hostname: hostname,
                provider: address.provider,
                port: port,
                holder: owner,
            )
            record.url = address.url
            record.httpsPort = json["tailscaleHttpsPort"]?.integer.flatMap { Port($0) }
            let pid = json["\(address.provider.rawValue)Pid"]?.integer(as: Int32.self)
            // Without a start time: the program's own arguments have to prove that it is the one.
            record.tunnel = pid.flatMap { $0 > 1 ? ProcessIdentity(pid: $0, startTime: nil) : nil }
            return record
        }
    }
}
