package import HostSystem
package import SystemPackage

/// What `doctor` has found on this machine.
package struct DoctorReport: Sendable {
    /// The certificate authority, and who trusts it.
    package struct Authority: Sendable {
        package struct Store: Sendable {
            package var name: String
            /// Nil if the store couldn't be asked.
            package var trusts: Bool?

            package init(name: String, trusts: Bool?) {
                self.name = name
                self.trusts = trusts
            }
        }

        package var expiresAt: Timestamp
        package var stores: [Store]

        package init(expiresAt: Timestamp, stores: [Store]) {
            self.expiresAt = expiresAt
            self.stores = stores
        }
    }

    package var version: String
    package var stateDirectory: FilePath
    /// The names that the proxy serves, or would serve, such as `https://*.localhost:1355`.
    package var target: String
    package var diagnoses: [Diagnosis]
    /// Nil where there is none yet, or where the proxy has a certificate of the user's own.
    package var authority: Authority?
    /// The version of each daemon that runs, by its name.
    package var running: [(daemon: String, version: String)] = []

    package init(
        version: String,
        stateDirectory: FilePath,
        target: String,
        diagnoses: [Diagnosis],
    ) {
        self.version = version
        self.stateDirectory = stateDirectory
        self.target = target
        self.diagnoses = diagnoses
    }

    package func count(_ status: Diagnosis.Status) -> Int {
        diagnoses.count { $0.status == status }
    }

    package var json: JSONValue {
        var daemons = JSONObject()
        for (daemon, version) in running { daemons[daemon] = .string(version) }
        return .object([
            "version": .string(version),
            "platform": .string(Platform.description),
            "stateDirectory": .string(stateDirectory.string),
            "proxy": .string(target),
            "findings": .array(diagnoses.map(\.json)),
            "failures": .integer(count(.fail)),
            "warnings": .integer(count(.warn)),
            "authority": authority?.json ?? .null,
            "running": .object(daemons),
        ])
    }
}

extension DoctorReport.Authority {
    fileprivate var json: JSONValue {
        .object([
            "expiresAt": .string(expiresAt.text),
            "stores": .array(
                stores.map { store in
                    .object([
                        "name": .string(store.name),
                        "trusted": store.trusts.map { .bool($0) } ?? .null,
                    ])
                }
            ),
        ])
    }
}

/// The result of one check of `doctor`.
package struct Diagnosis: Equatable, Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case ok, warn, fail, info
    }

    /// What the check is about.
    package enum Area: String, Sendable, CaseIterable {
        case state, proxy, certificates, names, ports
    }

    package var status: Status
    package var text: String
    /// What to do about it; with a `fix`, when to.
    package var advice: String?
    /// The command that does it.
    package var fix: String?
    package var area = Area.state

    private init(_ status: Status, _ text: String, _ advice: String?, _ fix: String?) {
        self.status = status
        self.text = text
        self.advice = advice
        self.fix = fix
    }

    package static func ok(_ text: String) -> Diagnosis { Diagnosis(.ok, text, nil, nil) }

    package static func info(_ text: String, hint: String? = nil, fix: String? = nil) -> Diagnosis {
        Diagnosis(.info, text, hint, fix)
    }

    package static func warn(_ text: String, hint: String? = nil, fix: String? = nil) -> Diagnosis {
        Diagnosis(.warn, text, hint, fix)
    }

    package static func fail(_ text: String, hint: String? = nil, fix: String? = nil) -> Diagnosis {
        Diagnosis(.fail, text, hint, fix)
    }

    /// The error's first sentence, with what follows it as the hint.
    package static func fail(telling error: any Error) -> Diagnosis {
        let text = "\(error)"
        for end in ["\n", ". "] {
            guard let range = text.firstRange(of: end) else { continue }
            let sentence = text[..<range.lowerBound]
            return .fail(
                sentence.hasSuffix(".") ? String(sentence) : sentence + ".",
                hint: String(text[range.upperBound...]),
            )
        }
        return .fail(text)
    }

    /// The advice and the command in one line.
    package var hint: String? {
        guard let fix else { return advice }
        return advice.map { "\($0): \(fix)" } ?? fix
    }
}

extension Diagnosis {
    /// The status five characters wide, then the text, then the hint on a line of its own.
    package var lines: [String] {
        let padding = String(repeating: " ", count: 5 - status.rawValue.count)
        return ["\(status.rawValue)\(padding)\(text)"] + (hint.map { ["       \($0)"] } ?? [])
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "status": .string(status.rawValue), "text": .string(text),
            "area": .string(area.rawValue),
        ]
        object["hint"] = hint.map(JSONValue.string)
        object["fix"] = fix.map(JSONValue.string)
        return .object(object)
    }
}

extension [Diagnosis] {
    package func about(_ area: Diagnosis.Area) -> [Diagnosis] {
        map { diagnosis in
            var diagnosis = diagnosis
            diagnosis.area = area
            return diagnosis
        }
    }
}
