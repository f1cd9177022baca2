import SystemPackage

#if canImport(Darwin)
import CHostSystem
#endif

extension SocketActivation {
    /// The sockets that launchd opened for this job under `names` (launch_activate_socket(3)).
    ///
    /// launchd hands each of them over once for the life of the process. None outside a launchd job,
    /// and none on other systems.
    package static func checkedIn(_ names: [String]) -> [ActivatedSocket] {
        #if canImport(Darwin)
        names.flatMap { name -> [ActivatedSocket] in
            var descriptors = [Int32](repeating: -1, count: 16)
            var count = 0
            guard chs_launchd_sockets(name, &descriptors, descriptors.count, &count) == 0
            else { return [] }
            return descriptors.prefix(count).map {
                ActivatedSocket(descriptor: FileDescriptor(rawValue: $0), name: name)
            }
        }
        #else
        []
        #endif
    }
}
