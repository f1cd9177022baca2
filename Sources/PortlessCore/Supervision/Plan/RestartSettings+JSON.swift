extension RestartSettings {
    var json: JSONValue {
        var object: JSONObject = [
            "automatic": .bool(isAutomatic),
            "limit": .integer(limit),
            "minimumUptime": .integer(minimumUptime.milliseconds),
            "delay": .integer(delay.milliseconds),
            "finalCodes": .array(finalCodes.sorted().map { .integer($0) }),
        ]
        object["backoff"] = backoff.map { .integer($0.milliseconds) }
        return .object(object)
    }

    init(_ fields: PlanFields?) throws(PlanFields.Problem) {
        self.init()
        guard let fields else { return }
        isAutomatic = try fields.bool("automatic") ?? isAutomatic
        limit = Int(min(try fields.integer("limit") ?? Int64(limit), 1_000_000))
        minimumUptime = try fields.milliseconds("minimumUptime") ?? minimumUptime
        delay = try fields.milliseconds("delay") ?? delay
        backoff = try fields.milliseconds("backoff")
        finalCodes = Set(try fields.integers("finalCodes").map { Int32(clamping: $0) })
    }
}
