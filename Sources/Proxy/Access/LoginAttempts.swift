import NIOCore

/// How often visitors of a shared app have given a wrong password, each and all together.
///
/// Every wrong one costs some time, of which a visitor may run up a few in advance (the generic cell
/// rate algorithm). The limit for all also bounds the number of visitors that are remembered.
struct LoginAttempts {
    private struct Limit {
        let burst: Int64
        let interval: TimeAmount

        /// How long to wait, if the debt is paid off at `paid`; nil where another attempt is free.
        func wait(_ paid: NIODeadline?, _ now: NIODeadline) -> TimeAmount? {
            guard let paid else { return nil }
            let free = now + .nanoseconds(interval.nanoseconds * (burst - 1))
            return paid > free ? paid - free : nil
        }

        func charged(_ paid: NIODeadline?, _ now: NIODeadline) -> NIODeadline {
            max(paid ?? now, now) + interval
        }
    }

    private static let each = Limit(burst: 5, interval: .seconds(30))
    private static let all = Limit(burst: 30, interval: .seconds(5))

    private var paid: [String: NIODeadline] = [:]
    private var paidByAll: NIODeadline?

    var rememberedCount: Int { paid.count }

    /// How long this visitor has to wait for another attempt; nil: not at all.
    func wait(of visitor: String, now: NIODeadline) -> TimeAmount? {
        [Self.each.wait(paid[visitor], now), Self.all.wait(paidByAll, now)]
            .compactMap(\.self).max()
    }

    mutating func failed(_ visitor: String, now: NIODeadline) {
        paid = paid.filter { $0.value > now }
        paid[visitor] = Self.each.charged(paid[visitor], now)
        paidByAll = Self.all.charged(paidByAll, now)
    }
}
