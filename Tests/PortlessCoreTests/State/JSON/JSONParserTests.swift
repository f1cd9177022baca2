import PortlessCore
import TestSupport
import Testing

@Suite struct JSONLimitTests {
    private func problem(_ text: String) -> String? {
        do {
            _ = try JSONValue(parsing: text.utf8)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `an object with very many keys is read in time`() throws {
        let members = (0..<130_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let started = ContinuousClock.now
        let object = try #require(JSONValue(parsing: "{\(members)}".utf8).object)
        #expect(object["key129999"]?.integer == 129_999)
        #expect(object["other"] == nil)
        #expect(started.duration(to: .now) < .seconds(15))
    }

    @Test func `a limit that is exceeded is named`() {
        let values = String(repeating: "0,", count: 250_000) + "0"
        #expect(problem("[\(values)]") == "it has more than 250000 values")
        let deep = String(repeating: "[", count: 200)
        #expect(problem(deep) == "it is nested more than 128 levels deep")
        let long = String(repeating: "1", count: 2000)
        #expect(problem(long) == "a number has more than 1000 digits")
    }

    @Test func `keys are found, replaced and removed, however many there are`() {
        var object = JSONObject()
        var keys: [String] = []
        for number in 0..<40 {
            object["k\(number)"] = .integer(number)
            keys.append("k\(number)")
            #expect(object.keys == keys)
        }
        object["k7"] = .integer(-7)
        object["k3"] = nil
        keys.remove(at: 3)
        #expect(object.keys == keys)
        #expect(object["k7"]?.integer == -7)
        #expect(object["k39"]?.integer == 39)
        object.removeAll { $0 != "k39" && $0 != "k5" }
        #expect(object.keys == ["k5", "k39"])
        object["k5"] = nil
        object["new"] = .null
        #expect(object.keys == ["k39", "new"])
        #expect(object["k39"]?.integer == 39)
    }

    @Test func `numbers that JSON hasn't are null, and extreme ones are bounded`() throws {
        #expect(JSONValue.decimal(.infinity).compact == "null")
        #expect(JSONValue.decimal(.nan).compact == "null")
        let huge = try JSONValue(parsing: "[1e400,9e18,-9e18,1e999999999]".utf8).array ?? []
        #expect(huge.map(\.decimal) == [nil, 9e18, -9e18, nil])
    }

    /// Texts that are read, written and read again are the same values.
    @Test func `any bytes are refused, or JSON that stays what it is`() {
        let seeds = [
            #"{"a":[1,2.5e3,-0.1e-7,null,true,{"b":"\u00e9\ud83d\ude00\n"}],"a":"x","é":{}}"#,
            "\u{FEFF}[[[[{}]]],\"\\\\\", 12345678901234567890, 1e400]",
        ].map { Array($0.utf8) }
        let words = [
            "{", "}", "[", "]", ",", ":", "\"", "\\u", "\\ud83d", "\\", "1e", "9e999", "-", ".",
            "null", "\0", "\u{7F}", "{\"a\":", "[[", "\u{301}",
        ].map { Array($0.utf8) }
        for var round in Fuzzing.rounds(default: 3_000) {
            let bytes = round.input(from: seeds, inserting: words)
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            for number in [value, value.array?.first ?? .null] {
                _ = (number.integer, number.integer(as: Int32.self), number.decimal)
            }
            for text in [value.compact, value.formatted]
            where (try? JSONValue(parsing: text.utf8)) != value {
                Issue.record("\(round): \(String(decoding: bytes, as: UTF8.self))")
                return
            }
        }
    }
}
