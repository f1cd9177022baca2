import CLibrary

/// A thread of its own, for work that blocks and so must not occupy one of Swift's.
package enum SystemThread {
    private final class Work {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on a new thread; false if the system has none left.
    @discardableResult
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = create(Work(body)) else { return false }
        pthread_detach(thread)
        return true
    }

    private static func create(
        _ work: Work,
        attributes: UnsafeMutablePointer<pthread_attr_t>? = nil,
    ) -> pthread_t? {
        let work = Unmanaged.passRetained(work)
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        guard pthread_create(&thread, attributes, run, work.toOpaque()) == 0 else {
            work.release()
            return nil
        }
        return thread
    }

    /// Runs `body` on a new thread that has a stack of `stackSize` bytes, and waits for it.
    ///
    /// Nil if the system has no thread left.
    package static func perform<Result>(
        stackSize: Int,
        _ body: () -> Result,
    ) -> Result? {
        var result: Result?
        let store = { result = body() }
        let isDone = withoutActuallyEscaping(store) { store in
            // Only one of the two threads runs at any time: this one waits until the other has
            // ended, and pthread_create and pthread_join order what they have written.
            nonisolated(unsafe) let store = store
            return perform(stackSize: stackSize, Work { store() })
        }
        return isDone ? result : nil
    }

    private static func perform(stackSize: Int, _ work: Work) -> Bool {
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        guard pthread_attr_init(attributes) == 0 else { return false }
        defer { pthread_attr_destroy(attributes) }
        guard pthread_attr_setstacksize(attributes, stackSize) == 0 else { return false }
        guard let thread = create(work, attributes: attributes) else { return false }
        pthread_join(thread, nil)
        return true
    }

    #if canImport(Darwin)
    private static let run: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
        Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body()
        return nil
    }
    #else
    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { pointer in
            if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }
    #endif
}
