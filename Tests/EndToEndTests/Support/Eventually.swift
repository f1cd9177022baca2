import Testing

/// What never came true, in the words of the test that waited for it.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until the answer is not nil; the limit only ends a test that has failed.
@discardableResult
func eventually<Value>(
    _ what: @autoclosure () -> String,
    within limit: Duration = .seconds(30),
    _ answer: () async throws -> Value?,
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        if let value = try await answer() { return value }
        guard ContinuousClock.now < end else {
            throw NeverHappened(description: "waited \(limit) in vain: \(what())")
        }
        try await Task.sleep(for: .milliseconds(15))
    }
}
