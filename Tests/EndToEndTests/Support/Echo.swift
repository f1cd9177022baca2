import Foundation

/// What `node-http.js` says of the request and of itself.
struct Echo: Decodable {
    let url: String
    let method: String
    let headers: [String: String]
    let size: Int
    let environment: [String: String]
    let arguments: [String]

    init(_ body: String) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(body.utf8))
    }
}
