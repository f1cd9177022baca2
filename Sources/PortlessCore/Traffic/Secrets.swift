/// Recognises secrets by the names of their headers and parameters, and hides their values.
///
/// A name says nothing certain about a value: this keeps secrets out of lists, screenshots and
/// exported files, and is no promise that none is left.
package enum Secrets {
    /// What stands in place of a secret.
    package static let mask = "•••"

    /// Parts of a name that make its value a secret wherever they stand.
    private static let parts: Set<String> = [
        "token", "password", "passwd", "passphrase", "pwd", "secret", "signature", "credential",
        "credentials", "apikey", "jwt", "sid", "session", "sessionid", "auth", "authorization",
        "otp", "totp", "csrf", "xsrf", "cookie", "assertion", "saml", "nonce",
    ]
    /// Names that are secrets as a whole; `country_code` and `keyword` are none.
    private static let names: Set<String> = [
        "code", "key", "sig", "pass", "pin", "ticket", "samlresponse", "samlrequest", "accesstoken",
        "refreshtoken", "idtoken", "clientsecret", "secretkey", "accesskey", "privatekey",
    ]

    /// Whether a header's or parameter's value has to be hidden.
    package static func isSecret(_ name: String) -> Bool {
        let parts = parts(of: name)
        guard let last = parts.last else { return false }
        if parts.contains(where: { Self.parts.contains($0) }) { return true }
        if names.contains(parts.joined()) { return true }
        // `api_key`, `code_verifier`; many words end in "key", but few of them in "-key".
        return parts.count > 1 && (last == "key" || parts.joined(separator: "_") == "code_verifier")
    }

    /// The words of `access_token`, `X-Api-Key` or `clientSecret`, in lower case.
    private static func parts(of name: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var wasLower = false
        for scalar in name.unicodeScalars.prefix(200) {
            let isLetter = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            if !isLetter || wasLower && scalar.properties.isUppercase {
                if !part.isEmpty { parts.append(part.lowercased()) }
                part = ""
            }
            if isLetter { part.unicodeScalars.append(scalar) }
            wasLower = scalar.properties.isLowercase
        }
        if !part.isEmpty { parts.append(part.lowercased()) }
        return parts
    }

    // MARK: Targets and URLs

    /// A path or URL whose parameters hold no secrets.
    package static func masked(target: String) -> String {
        guard let mark = target.utf8.firstIndex(where: { Self.marks.contains($0) }) else {
            return target
        }
        let start = target.index(after: mark)
        return String(target[..<start]) + masked(form: target[start...])
    }

    /// What begins the parameters of a URL: those of a path, of the query, and of the fragment.
    private static let marks = [UInt8(ascii: ";"), UInt8(ascii: "?"), UInt8(ascii: "#")]

    /// Pairs of name and value, as in queries and form bodies.
    package static func masked(form: some StringProtocol) -> String {
        guard form.utf8.contains(UInt8(ascii: "=")) else { return String(form) }
        var result = ""
        var start = form.startIndex
        var end = start
        while end < form.endIndex {
            let byte = form.utf8[end]
            if byte == UInt8(ascii: "&") || marks.contains(byte) {
                result += masked(pair: form[start..<end])
                result.unicodeScalars.append(Unicode.Scalar(byte))
                start = form.utf8.index(after: end)
            }
            end = form.utf8.index(after: end)
        }
        return result + masked(pair: form[start...])
    }

    private static func masked(pair: some StringProtocol) -> String {
        guard let equals = pair.firstIndex(of: "=") else { return String(pair) }
        guard isSecret(String(pair[..<equals]).percentDecoded),
            pair.index(after: equals) < pair.endIndex
        else { return String(pair) }
        return pair[...equals] + mask
    }

    // MARK: Messages

    private static let linkFields: Set<String> = [
        "referer", "location", "content-location", "refresh", "link",
    ]

    package static func masked(_ message: TrafficDetails.Message) -> TrafficDetails.Message {
        var masked = message
        masked.headers = message.headers.map { Self.masked($0) }
        guard
            message.header("content-type")?.lowercased()
                .hasPrefix("application/x-www-form-urlencoded") == true
        else { return masked }
        masked.body = Self.masked(form: message.body)
        if let form = message.unpacked?.body { masked.unpacked?.body = Self.masked(form: form) }
        return masked
    }

    private static func masked(form body: TrafficBody) -> TrafficBody {
        guard case .text(let text) = body else { return body }
        return .text(masked(form: text))
    }

    package static func masked(_ field: TrafficDetails.Field) -> TrafficDetails.Field {
        var field = field
        if linkFields.contains(field.name.lowercased()) {
            field.value = masked(target: field.value)
        } else if isSecret(field.name), !isPlain(field.name), !field.value.isEmpty {
            field.value = mask
        }
        return field
    }

    /// Fields with a word of a secret in their names, whose values are public.
    private static func isPlain(_ name: String) -> Bool {
        ["sec-websocket-key", "www-authenticate", "surrogate-key", "idempotency-key"]
            .contains(name.lowercased())
    }
}

extension StringProtocol {
    /// The decoded part of a path or query (RFC 3986 section 2.1); the part itself where its
    /// encoding is broken.
    package var percentDecoded: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            guard digits.count == 2 else { return String(self) }
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self) ?? String(self)
    }
}
