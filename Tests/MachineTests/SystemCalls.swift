import CLibrary
import SystemPackage

/// Calls that only tests need.
enum SystemCalls {
    static func symlink(_ target: FilePath, _ link: FilePath) -> Bool {
        makeLink(target.string, link.string) == 0
    }

    static func environmentVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    static func setModificationTime(of path: FilePath, toSecond second: Int) -> Bool {
        let time = timespec(tv_sec: second, tv_nsec: 0)
        return utimensat(AT_FDCWD, path.string, [time, time], 0) == 0
    }
}

private func makeLink(_ target: String, _ link: String) -> Int32 {
    symlink(target, link)
}
