import HostSystem
import PortlessCore
import Projects
import Synchronization
import SystemPackage
import Testing

struct LargeProjectTests {
    @Test
    func `a large project is read to its end, but what isn't its own is never opened`() {
        let opened = Mutex<[String]>([])
        let files = ProjectFiles(
            read: { path in
                opened.withLock { $0.append(path) }
                return path.hasSuffix("/package.json")
                    ? Array(#"{"scripts": {"dev": "node a.js --port 20500"}}"#.utf8) : nil
            },
            list: { path in
                if path.isEmpty {
                    return [.init(name: "packages", isDirectory: true)]
                }
                if path == "packages" {
                    return (0..<50).map { .init(name: "p\($0)", isDirectory: true) }
                }
                let sources = (0..<200).map {
                    ProjectFiles.Entry(name: "f\($0).ts", isDirectory: false)
                }
                return sources + [
                    .init(name: "package.json", isDirectory: false),
                    .init(name: "node_modules", isDirectory: true),
                ]
            },
        )
        let project = ProjectDetection.detect(directory: "/big", files: files)
        #expect(project.processes.count == 50)
        let paths = opened.withLock { $0 }
        #expect(
            !paths.contains {
                $0.contains("node_modules") || $0.hasSuffix(".ts") && $0.contains("/f")
            }
        )
    }
}
