import SystemPackage

extension RegisteredApp {
    /// Takes over the processes and ports that the app's files declare now.
    ///
    /// Name and settings stay, as do ports that no file has told: they are the user's own. Where
    /// nothing is declared, nothing changes.
    package mutating func refresh(from detected: DetectedProject) {
        guard !detected.processes.isEmpty else { return }
        let new = RegisteredApp(id: id, directory: "/", detected: detected, now: "").record
        let declared = Set(processes.flatMap { $0.ports.map(\.port) })
        for key in ["uiPort", "devUiPort", "apiPort"] {
            let stored = record[key]?.integer.flatMap { Port($0) }
            let isOwn = stored.map { !declared.contains($0) } ?? false
            if !isOwn || new[key] != .null { record[key] = new[key] }
        }
        for key in ["pm2ProcessNames", "processes", "pm2Home"] { record[key] = new[key] }
    }
}
