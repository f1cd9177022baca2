import PortlessCore

/// The apps of a crew and where they are reached.
enum CrewTable {
    static func lines(_ members: [CrewMember], url: (Hostname) -> String) -> [String] {
        let rows = members.flatMap { member -> [(label: String, url: String)] in
            guard let own = member.url else { return [] }
            let name = member.plan.label
            return [(name, own)]
                + member.labels.map { ("\(name) \($0.label):\($0.port)", url($0.hostname)) }
        }
        let width = rows.map(\.label.count).max() ?? 0
        return rows.map { row in
            let padding = String(repeating: " ", count: width - row.label.count)
            return "  \(row.label)\(padding)  ->  \(row.url)"
        }
    }
}
