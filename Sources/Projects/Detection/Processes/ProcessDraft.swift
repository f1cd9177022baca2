import PortlessCore

/// A process while its ports are being collected from several files.
struct ProcessDraft {
    var name: String
    /// Relative to the project; nil where it lies outside or isn't known.
    var directory: String?
    var ports: [DetectedProcess.LabeledPort] = []
    var sources: [PortSource] = []
    var usesVite = false
    /// The commands that start it, for what its tool's own files say.
    var commands: [JavaScriptValue] = []

    init(name: String, directory: String?) {
        self.name = name
        self.directory = directory
    }

    /// Records a declaration; the first one of a label decides its port.
    mutating func add(_ source: PortSource) {
        sources.append(source)
        guard !ports.contains(where: { $0.label == source.label }) else { return }
        ports.append(.init(label: source.label, port: source.port))
    }

    func has(_ label: String) -> Bool { ports.contains { $0.label == label } }

    mutating func rename(_ label: String, to new: String) {
        for index in ports.indices where ports[index].label == label { ports[index].label = new }
        for index in sources.indices where sources[index].label == label {
            sources[index].label = new
        }
    }

    var process: DetectedProcess {
        DetectedProcess(name: name, ports: ports, sources: sources, directory: directory ?? "")
    }
}
