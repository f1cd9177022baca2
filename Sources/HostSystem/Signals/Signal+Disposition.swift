#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension Signal {
    enum Disposition {
        case standard
        /// A handler that does nothing.
        case ineffective
    }

    /// Whether this process drops the signal, which it inherits from its parent.
    package var isIgnored: Bool {
        var action = sigaction()
        guard sigaction(rawValue, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    func setDisposition(to disposition: Disposition) {
        switch disposition {
        case .standard: signal(rawValue, SIG_DFL)
        case .ineffective: signal(rawValue) { _ in }
        }
    }
}
