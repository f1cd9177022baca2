import PortlessCore
import Testing

@testable import Projects

@Suite struct HostChecksTests {
    private func advice(
        _ host: String,
        _ files: [String: String],
        environment: [String: String] = [:],
    ) throws -> [String] {
        HostChecks.advice(
            for: try #require(Hostname(host)),
            files: ProjectFiles(
                read: { files[$0].map { Array($0.utf8) } },
                list: { _ in [] },
            ),
            environment: environment,
        )
    }

    private func django(_ settings: String, host: String = "shop.localhost") throws -> [String] {
        try advice(
            host,
            [
                "manage.py": #"os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")"#,
                "shop/settings.py": settings,
            ],
        )
    }

    @Test(arguments: [
        "ALLOWED_HOSTS = []", "ALLOWED_HOSTS = ['*']", "ALLOWED_HOSTS = ['.localhost']",
        "ALLOWED_HOSTS: list[str] = []", "ALLOWED_HOSTS = ['example.com', 'shop.localhost']",
        "ALLOWED_HOSTS = os.environ['HOSTS'].split(',')", "DEBUG = True", "# ALLOWED_HOSTS = ['x']",
        "ALLOWED_HOSTS = ['x']\nALLOWED_HOSTS += [\n  '.localhost',\n]",
        "ALLOWED_HOSTS = ['x']\nALLOWED_HOSTS.append(NAME)",
    ])
    func `Django that allows the name, or may do so, needs no advice`(settings: String) throws {
        #expect(try django(settings).isEmpty)
    }

    @Test(arguments: [
        "ALLOWED_HOSTS = ['example.com']", "ALLOWED_HOSTS = (\n    'localhost',  # here\n)",
        "ALLOWED_HOSTS=[\"127.0.0.1\", \"localhost\"]",
    ])
    func `Django that allows other names only is told of`(settings: String) throws {
        #expect(
            try django(settings) == [
                """
                Django refuses shop.localhost: add ".localhost" to ALLOWED_HOSTS in \
                shop/settings.py.
                """
            ]
        )
    }

    @Test func `Django without names allows those under localhost only`() throws {
        let advice = try django("ALLOWED_HOSTS = []", host: "shop.test")
        #expect(advice.count == 1)
        #expect(advice.first?.contains("add \".test\" to") == true)
        let settings = ["manage.py": "", "other/dev/__init__.py": "ALLOWED_HOSTS = ['x']"]
        let environment = ["DJANGO_SETTINGS_MODULE": "other.dev"]
        #expect(
            try self.advice("shop.localhost", settings, environment: environment).count == 1
        )
    }

    @Test func `Rails with hosts of its own is told of, one that adds some isn't`() throws {
        let file = "config/environments/development.rb"
        let own = try advice("shop.localhost", [file: "config.hosts = [\"example.com\"]"])
        #expect(
            own == ["Rails refuses shop.localhost: add \".localhost\" to config.hosts in \(file)."]
        )
        for text in [
            "config.hosts << \"x\"", "config.hosts = nil", "config.hosts = ['.localhost']",
        ] {
            #expect(try advice("shop.localhost", [file: text]).isEmpty)
        }
    }

    @Test func `Next.js and webpack allow what is under localhost, and are told of the rest`()
        throws
    {
        let files = ["next.config.mjs": "export default {}", "webpack.config.js": "{}"]
        #expect(try advice("shop.localhost", files).isEmpty)
        let advice = try advice("shop.test", files)
        #expect(advice.count == 2)
        #expect(
            advice.first?.contains("allowedDevOrigins: [\"shop.test\"] to next.config.mjs.") == true
        )
        #expect(advice.last?.contains("allowedHosts: [\".test\"] to devServer") == true)
        let done = [
            "next.config.mjs": "{ allowedDevOrigins: [] }",
            "webpack.config.js": "{ allowedHosts: 'all' }",
        ]
        #expect(try self.advice("shop.test", done).isEmpty)
    }
}
