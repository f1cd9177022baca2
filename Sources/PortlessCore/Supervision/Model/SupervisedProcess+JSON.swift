import HostSystem

extension SupervisedProcess {
    /// The process in `status.json` and between a keeper and the server.
    package var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name),
            "state": .string(state.rawValue),
            "restarts": .integer(restarts),
            "unstableRestarts": .integer(unstableRestarts),
            "ports": PlanForm.ports.write(ports),
            "urls": .array(urls.map { .string($0) }),
        ]
        identity?.write(to: &object)
        object["startedAt"] = startedAt.map { .integer($0) }
        object["lastExit"] = lastExit?.json
        object["reason"] = reason.map { .string($0) }
        object["waitsFor"] = waitsFor.map { .string($0) }
        object["primaryPort"] = primaryPort.map { .integer($0.number) }
        object["cpu"] = cpu.map { .decimal($0) }
        object["memory"] = memory.map { .integer($0) }
        return .object(object)
    }

    /// Reads what `json` wrote; nil for anything else.
    ///
    /// Numbers that nothing can have become the nearest that it can have.
    package init?(json: JSONValue) {
        guard let object = json.object, let name = object["name"]?.string,
            let state = object["state"]?.string.flatMap({ ProcessState(rawValue: $0) })
        else { return nil }
        self.init(name: name, state: state)
        // 0 and below stand for groups and for all processes, 1 for what started the system.
        identity = ProcessIdentity(entry: object).flatMap { $0.pid > 1 ? $0 : nil }
        startedAt = object["startedAt"]?.time
        restarts = object["restarts"]?.count ?? 0
        unstableRestarts = object["unstableRestarts"]?.count ?? 0
        lastExit = object["lastExit"].flatMap { ProcessExit(json: $0) }
        reason = object["reason"]?.string
        waitsFor = object["waitsFor"]?.string
        ports = (object["ports"]?.object?.members ?? []).compactMap { label, value in
            value.integer.flatMap { Port($0) }.map { .init(label: label, port: $0) }
        }
        primaryPort = object["primaryPort"]?.integer.flatMap { Port($0) }
        urls = object["urls"]?.array?.compactMap(\.string) ?? []
        cpu = object["cpu"]?.decimal.map { max($0, 0) }
        memory = object["memory"]?.integer(as: Int64.self).map { max($0, 0) }
    }
}

extension ProcessExit {
    /// `code` or `signal`; neither where the cause is unknown.
    package var json: JSONValue {
        var object: JSONObject = [
            "time": .integer(time),
            "uptime": .integer(uptime),
            "requested": .bool(wasRequested),
        ]
        switch cause {
        case .code(let code): object["code"] = .integer(code)
        case .signal(let number): object["signal"] = .integer(number)
        case .unknown: break
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let time = json["time"]?.time else { return nil }
        let cause: Cause =
            if let code = json["code"]?.integer(as: Int32.self) {
                .code(code)
            } else if let number = json["signal"]?.integer(as: Int32.self) {
                .signal(number)
            } else {
                .unknown
            }
        self.init(
            cause: cause,
            time: time,
            uptime: json["uptime"]?.time.map { max($0, 0) } ?? 0,
            wasRequested: json["requested"]?.bool ?? false,
        )
    }
}
