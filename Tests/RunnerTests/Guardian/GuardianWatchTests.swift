import Testing

@testable import Runner

struct GuardianWatchTests {
    @Test func `children come and go`() {
        var watch = GuardianWatch()
        watch.receive(41)
        watch.receive(42)
        watch.receive(-41)
        #expect(watch.children == [42])
        #expect(!watch.isFinished)
        watch.receive(GuardianWatch.finished)
        #expect(watch.isFinished)
    }
}
