// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser",
)
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let http2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let hpack = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioLocks = Target.Dependency.product(
    name: "NIOConcurrencyHelpers",
    package: "swift-nio",
)
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")

let package = Package(
    name: "portless",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "portless", targets: ["portless"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // Default traits of these three ask for Foundation, and with it 34 MB of ICU.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            from: "2.28.1",
            traits: [],
        ),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .target(name: "CHostSystem"),
        .target(name: "CLibrary", swiftSettings: settings),
        .target(
            name: "HostSystem",
            dependencies: ["CHostSystem", "CLibrary", system],
            swiftSettings: settings,
        ),
        .target(
            name: "PortlessCore",
            dependencies: ["HostSystem", crypto, system],
            swiftSettings: settings,
        ),
        .target(
            name: "Projects",
            dependencies: ["HostSystem", "PortlessCore", system],
            swiftSettings: settings,
        ),
        .target(
            name: "Machine",
            dependencies: [
                "CLibrary", "HostSystem", "PortlessCore", asn1, crypto, subprocess, system, x509,
            ],
            swiftSettings: settings,
        ),
        .target(
            name: "Proxy",
            dependencies: [
                "HostSystem", "PortlessCore", crypto, http2, hpack, logging, nioCore, nioLocks,
                nioPosix, nioSSL, nioTLS, system,
            ],
            swiftSettings: settings,
        ),
        .target(
            name: "Runner",
            dependencies: ["HostSystem", "PortlessCore", system],
            swiftSettings: settings,
        ),
        .target(
            name: "Browser",
            dependencies: [
                "HostSystem", "PortlessCore", nioCore, nioHTTP1, nioPosix, nioWebSocket, system,
            ],
            swiftSettings: settings,
        ),
        .target(
            name: "Server",
            dependencies: [
                "Browser", "HostSystem", "Machine", "PortlessCore", "Projects", "Proxy", "Runner",
                crypto,
                httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, nioPosix,
                system,
            ],
            swiftSettings: settings,
            plugins: ["EmbedDashboard"],
        ),
        .plugin(
            name: "EmbedDashboard",
            capability: .buildTool,
            dependencies: ["DashboardEmbedder"],
        ),
        .executableTarget(
            name: "DashboardEmbedder",
            path: "Plugins/DashboardEmbedder",
            swiftSettings: settings,
        ),
        .executableTarget(
            name: "portless",
            dependencies: [
                "Browser", "HostSystem", "PortlessCore", "Machine", "Projects", "Proxy", "Runner",
                "Server",
                argumentParser, logging, nioCore, nioHTTP1, nioPosix, nioSSL, system,
            ],
            // Each command runs once and waits for others: here the binary's size counts for more.
            swiftSettings: settings + [
                .unsafeFlags(["-Osize"], .when(configuration: .release))
            ],
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CLibrary", "HostSystem", system],
            path: "Tests/TestSupport",
            swiftSettings: settings,
        ),
        .executableTarget(
            name: "TestTool",
            dependencies: ["CLibrary", "HostSystem", "PortlessCore", "Runner", system],
            path: "Tests/TestTool",
            swiftSettings: settings,
        ),
        .testTarget(
            name: "HostSystemTests",
            dependencies: ["CLibrary", "HostSystem", "TestSupport", "TestTool", system],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "PortlessCoreTests",
            dependencies: ["CLibrary", "HostSystem", "PortlessCore", "TestSupport", system],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "ProjectsTests",
            dependencies: ["HostSystem", "PortlessCore", "Projects", "TestSupport", system],
            exclude: ["Detection/Fixtures"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "MachineTests",
            dependencies: [
                "CLibrary", "HostSystem", "PortlessCore", "Machine", "TestSupport", asn1, system,
                x509,
            ],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "ProxyTests",
            dependencies: ["Proxy", "TestSupport", nioEmbedded, system],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "RunnerTests",
            dependencies: [
                "HostSystem", "PortlessCore", "Runner", "TestSupport", "TestTool", system,
            ],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "BrowserTests",
            dependencies: ["Browser", "HostSystem", "PortlessCore", "TestSupport", system],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Browser", "HostSystem", "Machine", "PortlessCore", "Projects", "Proxy", "Runner",
                "Server",
                "TestSupport", httpTypes, hummingbird, hummingbirdCore, logging, nioCore,
                nioEmbedded, nioPosix,
                system,
            ],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "PortlessTests",
            dependencies: [
                "HostSystem", "portless", "Machine", "PortlessCore", "Projects", "TestSupport",
                nioCore, system,
            ],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["portless"],
            exclude: ["Apps", "Browser", "Projects"],
            swiftSettings: settings,
        ),
    ],
)
