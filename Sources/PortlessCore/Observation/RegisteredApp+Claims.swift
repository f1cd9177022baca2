extension RegisteredApp {
    /// The shape of `GET /api/apps`, with the endpoints of the app and the names that lead there.
    package func json(_ claims: PortClaims) -> JSONValue {
        let names = claims.list.filter { $0.app == name }.compactMap { claim in
            claim.name.map { (label: claim.label, name: $0) }
        }
        return json(names: names)
    }
}
