import PortlessCore

extension CommandContext {
    /// The proxy to register with, started if there is none, and then told of.
    func ensuredProxy() throws -> ProxyDescription {
        switch try ProxyLauncher(context: self).ensureRunning() {
        case .alreadyRunning(let proxy):
            return proxy
        case .started(let proxy):
            let name = proxy.usesTLS ? "HTTPS/2" : "HTTP"
            console.say("-- \(name) proxy started on port \(proxy.port)")
            if proxy.port == ProxySettings.fallbackPort,
                try ProxyRequest(environment: environment).port == nil
            {
                console.say(
                    "-- For URLs without a port: sudo portless proxy start, once after each boot"
                )
            }
            return proxy
        }
    }
}
