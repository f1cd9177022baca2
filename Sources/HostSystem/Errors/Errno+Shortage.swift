package import SystemPackage

extension Errno {
    /// Something has run out that others may give back: descriptors, processes, memory, room on a
    /// disk.
    ///
    /// What failed like that is worth another try later.
    package var isShortage: Bool {
        [
            .tooManyOpenFiles, .tooManyOpenFilesInSystem, .resourceTemporarilyUnavailable,
            .noMemory, .noBufferSpace, .noSpace, .diskQuotaExceeded,
        ].contains(self)
    }
}
