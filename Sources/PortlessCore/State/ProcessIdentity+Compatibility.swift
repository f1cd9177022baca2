import HostSystem

extension ProcessIdentity {
    /// Whether both can be the same process: what one of them doesn't record says nothing.
    func isCompatible(with other: ProcessIdentity) -> Bool {
        func agree<Value: Equatable>(_ one: Value?, _ two: Value?) -> Bool {
            one == nil || two == nil || one == two
        }
        return pid == other.pid && agree(startTime, other.startTime)
            && agree(namespace, other.namespace) && agree(boot, other.boot)
    }
}
