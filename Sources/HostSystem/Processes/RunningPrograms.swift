/// Which programs run now, by the short name that the system gives them.
package enum RunningPrograms {
    /// Whether a process of this name can be seen, whoever's it is.
    package static func contain(_ name: String) -> Bool {
        ProcessRecord.allPIDs().contains { ProcessDetails.name(of: $0) == name }
    }
}
