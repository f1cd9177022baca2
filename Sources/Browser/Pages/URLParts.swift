import HostSystem
import PortlessCore

/// The parts of an http or https URL that decide where it leads.
///
/// Stricter than browsers are: what they would read in another way than it looks (backslashes,
/// blanks, percent-encoded or non-ASCII hosts) is refused, so that both read the same host.
struct URLParts: CustomStringConvertible {
    let isSecure: Bool
    /// In lower case, without a trailing dot and without brackets.
    let host: String
    /// The host as an address, in whichever notation it was written.
    let address: IPAddress?
    let port: Port
    private let portText: String
    /// The path, query and fragment.
    private let rest: String

    init(_ text: String, limit: Int) throws(NavigationRefusal) {
        guard text.utf8.count <= limit,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x5C })
        else { throw .invalid(text) }
        guard let colon = text.firstIndex(of: ":") else { throw .invalid(text) }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .scheme(scheme) }
        isSecure = scheme == "https"
        guard text[colon...].hasPrefix("://") else { throw .invalid(text) }
        let afterScheme = text[colon...].dropFirst(3)
        let end = afterScheme.firstIndex { "/?#".contains($0) } ?? afterScheme.endIndex
        let authority = afterScheme[..<end]
        rest = String(afterScheme[end...])
        guard !authority.contains("@") else { throw .userInformation }
        let (hostText, number) = try Self.split(authority)
        let standard: Port = isSecure ? 443 : 80
        guard let port = number.isEmpty ? standard : Port(number) else { throw .invalid(text) }
        self.port = port
        portText = port == standard ? "" : ":\(port)"
        if hostText.hasPrefix("[") {
            guard let address = IPAddress(String(hostText.dropFirst().dropLast())), address.isIPv6
            else { throw .invalid(text) }
            self.address = address
            host = address.description
            return
        }
        var name = hostText.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isHostByte) else { throw .invalid(text) }
        guard IPv4Notation.isMeant(name) else {
            host = name
            address = nil
            return
        }
        guard let address = IPv4Notation.address(name) else { throw .invalid(text) }
        self.address = address
        host = address.description
    }

    var description: String {
        let shown = address?.isIPv6 == true ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(shown)\(portText)"
            + (rest.hasPrefix("/") ? rest : "/" + rest)
    }

    /// A URL without its query, which may hold secrets.
    static func shown(_ url: String) -> String {
        String(url.prefix { $0 != "?" && $0 != "#" }.prefix(200))
    }

    private static func split(
        _ authority: Substring
    ) throws(NavigationRefusal) -> (host: Substring, port: Substring) {
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else {
                throw .invalid(String(authority))
            }
            let after = authority[bracket...].dropFirst()
            guard after.isEmpty || after.hasPrefix(":") else { throw .invalid(String(authority)) }
            return (authority[...bracket], after.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, "") }
        return (authority[..<colon], authority[colon...].dropFirst())
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
            || byte == 0x2E
    }
}

/// An IPv4 address in each notation that browsers take (URL Standard, "IPv4 parser"): up to four
/// numbers, each decimal, octal or hexadecimal, of which the last fills the remaining bytes.
enum IPv4Notation {
    /// Whether browsers would read the host as an address, or refuse it.
    static func isMeant(_ host: String) -> Bool {
        guard let last = host.split(separator: ".", omittingEmptySubsequences: false).last else {
            return false
        }
        return !last.isEmpty && last.utf8.allSatisfy { (0x30...0x39).contains($0) }
            || number(last) != nil
    }

    static func address(_ host: String) -> IPAddress? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap(number)
        guard (1...4).contains(parts.count), numbers.count == parts.count,
            let last = numbers.last, numbers.dropLast().allSatisfy({ $0 < 256 })
        else { return nil }
        let free = 5 - numbers.count
        guard last < 1 << (8 * UInt64(free)) else { return nil }
        let tail = (0..<free).reversed().map { UInt8(truncatingIfNeeded: last >> (8 * UInt64($0))) }
        return IPAddress(bytes: numbers.dropLast().map { UInt8(truncatingIfNeeded: $0) } + tail)
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, !text.hasPrefix("+"), !text.hasPrefix("-") else { return nil }
        if text.hasPrefix("0x") {
            let digits = text.dropFirst(2)
            return digits.isEmpty ? 0 : UInt64(digits, radix: 16)
        }
        return text.count > 1 && text.hasPrefix("0")
            ? UInt64(text.dropFirst(), radix: 8) : UInt64(text)
    }
}
