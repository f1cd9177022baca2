import Hummingbird
import NIOCore

/// What a request carries through the router.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection from the listener, which ends with the client's.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
