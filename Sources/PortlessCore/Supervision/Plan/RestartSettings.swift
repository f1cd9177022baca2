/// When and how often a process that ended is started again; the defaults are PM2's.
package struct RestartSettings: Hashable, Sendable {
    package var isAutomatic = true
    /// How many ends in a row before `minimumUptime` make it give up.
    package var limit = 16
    package var minimumUptime = Duration.seconds(1)
    package var delay = Duration.zero
    /// The first pause of a growing row of them; nil: `delay` each time.
    package var backoff: Duration?
    /// Exit codes that mean it is done.
    package var finalCodes: Set<Int32> = []

    package init() {}

    /// For what no process manager's file speaks of: quick at first, and then ever more patient.
    package static var gentle: RestartSettings {
        var settings = RestartSettings()
        settings.limit = 10
        settings.minimumUptime = .seconds(10)
        settings.backoff = .milliseconds(100)
        return settings
    }
}
