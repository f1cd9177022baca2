import HTTPTypes
import NIOHTTP1
import PortlessCore

/// The OpenAPI description of the API, generated from its operations.
struct OpenAPIDocument {
    let operations: [Operation]
    let version: String

    var json: JSONValue {
        var components = JSONObject()
        var paths = JSONObject()
        for operation in operations {
            var item = paths[operation.path]?.object ?? [:]
            item[operation.method.rawValue.lowercased()] = Self.json(operation, &components)
            paths[operation.path] = .object(item)
        }
        return .object([
            "openapi": .string("3.1.0"),
            "info": .object([
                "title": .string("Portless"),
                "version": .string(version),
                "description": .string(
                    """
                    Apps, their processes, ports and names on this machine. Reading is open on \
                    loopback; a change takes the token in ~/.portless/server.token.
                    """
                ),
            ]),
            "paths": .object(paths),
            "components": .object([
                "schemas": .object(components),
                "securitySchemes": .object([
                    "token": .object([
                        "type": .string("http"), "scheme": .string("bearer"),
                    ])
                ]),
            ]),
        ])
    }

    private static func json(
        _ operation: Operation,
        _ components: inout JSONObject,
    ) -> JSONValue {
        var object: JSONObject = [
            "operationId": .string(operation.id),
            "summary": .string(operation.summary),
        ]
        if !operation.parameters.isEmpty {
            object["parameters"] = .array(
                operation.parameters.map { $0.json(&components) }
            )
        }
        if let body = operation.body {
            object["requestBody"] = .object([
                "required": .bool(true),
                "content": .object(content("application/json", body.json(&components))),
            ])
        }
        var responses = JSONObject()
        for status in operation.statuses {
            let isGood = status == operation.status
            var response: JSONObject = [
                "description": .string(HTTPResponseStatus(statusCode: status).reasonPhrase)
            ]
            if let schema = isGood ? operation.answer : Problem.schema {
                var content = content(
                    isGood ? operation.answerType : "application/problem+json",
                    schema.json(&components),
                )
                if isGood, let other = operation.otherAnswerType {
                    content[other] =
                        Self.content(other, ServerSentEvent.schema.json(&components))[other]
                }
                response["content"] = .object(content)
            }
            responses[String(status)] = .object(response)
        }
        object["responses"] = .object(responses)
        if operation.access != .read {
            object["security"] = .array([.object(["token": .array([])])])
        }
        return .object(object)
    }

    private static func content(_ type: String, _ schema: JSONValue) -> JSONObject {
        [type: .object(["schema": schema])]
    }
}

extension Parameter {
    fileprivate func json(_ components: inout JSONObject) -> JSONValue {
        .object([
            "name": .string(name),
            "in": .string(place.rawValue),
            "required": .bool(place == .path),
            "description": .string(summary),
            "schema": schema.json(&components),
        ])
    }
}
