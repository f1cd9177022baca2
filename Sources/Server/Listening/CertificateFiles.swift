import HostSystem
import Logging
import Machine
import PortlessCore
import Proxy
import Synchronization
import SystemPackage

/// The certificate and key in `certs/` of the state directory, read again when the files are
/// replaced.
///
/// Two files can't be replaced atomically, so while they don't match, the last valid pair stays in
/// use.
final class CertificateFiles: CertificateSource, Sendable {
    enum Condition: Hashable, Sendable {
        /// There is no pair.
        case none
        case usable(LeafCertificate)
        /// Why the files can't be used, as a sentence.
        case broken(String)
    }

    struct Unusable: Error {}

    private struct State {
        var seen: [FileStatus?] = []
        var condition = Condition.none
        /// The last valid pair.
        var pair: LeafCertificate?
    }

    let certificate: FilePath
    let key: FilePath
    private let folder: ServerCertificateFolder
    private let state = Mutex(State())

    init(directory: StateDirectory) {
        folder = ServerCertificateFolder(directory: directory)
        certificate = folder.certificate
        key = folder.key
    }

    /// The issuer of the pair.
    var mode: String { folder.mode }

    /// Checks the files, and reads them if they have changed.
    func look() -> Condition {
        state.withLock { state in
            let seen = [try? FileStatus.of(certificate), try? FileStatus.of(key)]
            if !state.seen.isEmpty, state.seen == seen { return state.condition }
            state.seen = seen
            state.condition = read(seen)
            if case .usable(let pair) = state.condition { state.pair = pair }
            return state.condition
        }
    }

    /// Called for each handshake; checks both files, and reads them only after a change.
    func certificate(forServerName serverName: String?) throws -> ServerCertificate {
        _ = look()
        guard let pair = state.withLock({ $0.pair }) else { throw Unusable() }
        return ServerCertificate(chain: pair.chain, privateKey: pair.privateKey)
    }

    private func read(_ seen: [FileStatus?]) -> Condition {
        guard seen.contains(where: { $0 != nil }) else { return .none }
        do {
            return .usable(try CustomCertificate.load(certificate: certificate, key: key))
        } catch {
            return .broken("\(error)")
        }
    }
}

/// Renews the server's certificate before it expires.
struct CertificateRenewal {
    /// How often the clock is checked; a timer of a day would stop while the computer sleeps.
    private static let interval = Duration.seconds(180)

    let provision: @Sendable () -> ServerCertificateProvision
    let logger: Logger
    /// Called after each attempt, with a sentence where it failed.
    let report: @Sendable (String?) async -> Void

    /// Works until the task is cancelled, which also ends a running tool.
    func run() async {
        var schedule = RenewalSchedule()
        var hasFailed = false
        repeat {
            guard schedule.isDue(at: .now) else { continue }
            let failure = await failure()
            guard !Task.isCancelled else { return }
            // Of several failures in a row only the first one is logged.
            if let failure, !hasFailed { logger.warning("\(failure)") }
            hasFailed = failure != nil
            schedule.looked(hasFailed: hasFailed, at: .now)
            await report(failure)
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }

    private func failure() async -> String? {
        let provision = provision()
        do {
            if let pair = try await provision.renew() {
                logger.notice("The server's certificate is renewed, until \(pair.notAfter.day).")
            }
            return nil
        } catch {
            let end = provision.pair.map { " (good until \($0.notAfter.day))" } ?? ""
            return "The server's certificate\(end) can't be renewed now: \(error)"
        }
    }
}
