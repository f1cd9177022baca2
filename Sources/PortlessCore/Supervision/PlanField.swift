import HostSystem

/// A member of an object in a plan, or several, and the property that it stands for.
struct PlanField<Owner>: Sendable {
    let members: [PlanMember]
    let write: @Sendable (Owner, inout JSONObject) -> Void
    let read: @Sendable (JSONObject, _ place: String, inout Owner) throws -> Void

    /// One that has to be there.
    static func required<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value> & Sendable,
        _ form: PlanCodec<Value>,
    ) -> PlanField {
        PlanField(
            members: [PlanMember(key: key, shape: form.shape, isRequired: true)],
            write: { $1[key] = form.write($0[keyPath: path]) },
            read: { object, place, owner in
                owner[keyPath: path] = try form.read(object[key] ?? .null, "\(place).\(key)")
            },
        )
    }

    /// One that keeps its value where it is missing.
    static func defaulted<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value> & Sendable,
        _ form: PlanCodec<Value>,
    ) -> PlanField {
        PlanField(
            members: [
                PlanMember(key: key, shape: form.shape, isRequired: false, isConstant: true)
            ],
            write: { $1[key] = form.write($0[keyPath: path]) },
            read: { object, place, owner in
                guard let json = object[key] else { return }
                owner[keyPath: path] = try form.read(json, "\(place).\(key)")
            },
        )
    }

    /// One that is nil where it is missing.
    static func optional<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value?> & Sendable,
        _ form: PlanCodec<Value>,
    ) -> PlanField {
        PlanField(
            members: [PlanMember(key: key, shape: form.shape, isRequired: false)],
            write: { $1[key] = $0[keyPath: path].map(form.write) },
            read: { object, place, owner in
                owner[keyPath: path] = try object[key].map { try form.read($0, "\(place).\(key)") }
            },
        )
    }

    /// Several that stand in an object of their own.
    static func group(_ key: String, _ fields: [PlanField]) -> PlanField {
        PlanField(
            members: [
                PlanMember(
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
                    throw PlanProblem("\(place).\(key)", "an object")
                }
                for field in fields { try field.read(object, "\(place).\(key)", &owner) }
            },
        )
    }

    static func write(_ owner: Owner, _ fields: [PlanField]) -> JSONObject {
        var object = JSONObject()
        for field in fields { field.write(owner, &object) }
        return object
    }
}
