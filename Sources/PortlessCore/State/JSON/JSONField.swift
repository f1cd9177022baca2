import HostSystem

/// One or more members of a JSON object, and the property that they stand for.
struct JSONField<Owner>: Sendable {
    let members: [JSONMember]
    let write: @Sendable (Owner, inout JSONObject) -> Void
    let read: @Sendable (JSONObject, _ place: String, inout Owner) throws -> Void

    /// A required member.
    static func required<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value> & Sendable,
        as codec: JSONCodec<Value>,
    ) -> JSONField {
        JSONField(
            members: [JSONMember(key: key, shape: codec.shape, isRequired: true)],
            write: { $1[key] = codec.write($0[keyPath: path]) },
            read: { object, place, owner in
                owner[keyPath: path] = try codec.read(object[key] ?? .null, "\(place).\(key)")
            },
        )
    }

    /// A member whose property keeps its value if it is missing.
    static func defaulted<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value> & Sendable,
        as codec: JSONCodec<Value>,
    ) -> JSONField {
        JSONField(
            members: [
                JSONMember(key: key, shape: codec.shape, isRequired: false, isConstant: true)
            ],
            write: { $1[key] = codec.write($0[keyPath: path]) },
            read: { object, place, owner in
                guard let json = object[key] else { return }
                owner[keyPath: path] = try codec.read(json, "\(place).\(key)")
            },
        )
    }

    /// A member whose property is nil if it is missing.
    static func optional<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value?> & Sendable,
        as codec: JSONCodec<Value>,
    ) -> JSONField {
        JSONField(
            members: [JSONMember(key: key, shape: codec.shape, isRequired: false)],
            write: { $1[key] = $0[keyPath: path].map(codec.write) },
            read: { object, place, owner in
                owner[keyPath: path] = try object[key].map {
                    try codec.read($0, "\(place).\(key)")
                }
            },
        )
    }

    /// Several members in an object of their own.
    static func group(_ key: String, _ fields: [JSONField]) -> JSONField {
        JSONField(
            members: [
                JSONMember(
                    key: key,
                    shape: .object(fields.flatMap(\.members)),
                    isRequired: false,
                    isConstant: true,
                )
            ],
            write: { $1[key] = .object(Self.write($0, fields)) },
            read: { object, place, owner in
                guard let json = object[key] else { return }
                guard let object = json.object else {
                    throw JSONMismatch("\(place).\(key)", "an object")
                }
                for field in fields { try field.read(object, "\(place).\(key)", &owner) }
            },
        )
    }

    static func write(_ owner: Owner, _ fields: [JSONField]) -> JSONObject {
        var object = JSONObject()
        for field in fields { field.write(owner, &object) }
        return object
    }
}
