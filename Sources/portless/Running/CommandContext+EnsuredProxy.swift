import PortlessCore

extension CommandContext {
    /// The proxy to register with, started if there is none, and then told of.
    func ensuredProxy() throws -> ProxyDescription {
        switch try ProxyControl(self).ensureRunning() {
        case .alreadyRunning(let proxy):
            console.say(styled: console.style.dim("-- Proxy is running"))
            return proxy
        case .started(let proxy):
            let name = proxy.usesTLS ? "HTTPS/2" : "HTTP"
            console.say("-- \(name) proxy started on port \(proxy.port)")
            let wanted = ProxySettings(try ProxyRequest(environment: environment)).port
            if let advice = FallbackAdvice.line(wanted: wanted, actual: proxy.port) {
                console.say("-- \(advice)")
            }
            return proxy
        }
    }
}
