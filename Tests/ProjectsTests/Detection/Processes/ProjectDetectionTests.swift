import PortlessCore
import Testing

@testable import Projects

struct ProjectDetectionTests {
    @Test(arguments: FixtureCase.all)
    func `every project of the corpus gives what is expected of it`(fixture: FixtureCase) throws {
        let differences = FixtureCase.differences(try fixture.expected(), fixture.detect().json)
        #expect(differences == [])
    }

    @Test
    func `the corpus is as large as it has to be`() {
        #expect(FixtureCase.all.count >= 60)
    }
}
