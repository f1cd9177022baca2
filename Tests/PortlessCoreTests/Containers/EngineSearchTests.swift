import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct EngineSearchTests {
    private func find(
        _ environment: [String: String] = [:],
        sockets: Set<FilePath> = [],
        files: [FilePath: String] = [:],
    ) -> FilePath? {
        let search = EngineSearch(
            environment: environment,
            home: "/home/me",
            isUsable: sockets.contains,
            read: { files[$0].map { Array($0.utf8) } },
        )
        guard case .endpoint(let endpoint) = search.find() else { return nil }
        return endpoint.socket
    }

    @Test func `DOCKER_HOST decides`() {
        let sockets: Set<FilePath> = ["/var/run/docker.sock", "/own.sock"]
        #expect(find(["DOCKER_HOST": "unix:///own.sock"], sockets: sockets) == "/own.sock")
        #expect(find(["DOCKER_HOST": "unix:///gone.sock"], sockets: sockets) == nil)
        #expect(find(["DOCKER_HOST": "tcp://10.0.0.1:2375"], sockets: sockets) == nil)
        #expect(find(["DOCKER_HOST": ""], sockets: sockets) == "/var/run/docker.sock")
    }

    @Test func `the context of the docker command decides next`() {
        let sockets: Set<FilePath> = ["/var/run/docker.sock", "/home/me/.colima/docker.sock"]
        // The folder is the name's SHA-256.
        let meta: FilePath = """
            /home/me/.docker/contexts/meta/\
            f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16/meta.json
            """
        let host = #"{"Endpoints": {"docker": {"Host": "unix:///home/me/.colima/docker.sock"}}}"#
        let config: FilePath = "/home/me/.docker/config.json"
        let files = [config: #"{"currentContext": "colima"}"#, meta: host]
        #expect(find(sockets: sockets, files: files) == "/home/me/.colima/docker.sock")
        #expect(
            find(["DOCKER_CONTEXT": "default"], sockets: sockets, files: files)
                == "/var/run/docker.sock"
        )
        #expect(find(sockets: sockets, files: [config: "{broken"]) == "/var/run/docker.sock")
    }

    @Test func `the usual places come last`() {
        let runtime = ["XDG_RUNTIME_DIR": "/run/user/1000"]
        let podman: FilePath = "/run/user/1000/podman/podman.sock"
        #expect(find(runtime, sockets: [podman]) == podman)
        #expect(
            find(runtime, sockets: [podman, "/var/run/docker.sock"]) == "/var/run/docker.sock"
        )
        #expect(find(runtime) == nil)
        #expect(EngineEndpoint(socket: podman).isRootless)
        #expect(EngineEndpoint(socket: "/home/me/.orbstack/run/docker.sock").isVirtualMachine)
    }
}
