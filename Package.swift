// swift-tools-version: 6.1
import PackageDescription

// One direction, no shortcuts (docs/architecture.md):
//     bytes → frame → message → session → engine → store → replies and pushes → bytes
// Each target below is one step of that line, in that order; none imports one further down.

let package = Package(
    name: "BoxOffice",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "BoxOfficeClient", targets: ["BoxOfficeClient"]),
        .library(name: "BoxOfficeServer", targets: ["BoxOfficeServer"]),
        .executable(name: "boxoffice", targets: ["boxoffice"]),
        .executable(name: "boxofficed", targets: ["boxofficed"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // C libraries and headers that Swift's own modules do not export.
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSodium", path: "Sources/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CEditLine", path: "Sources/CEditLine", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
        .target(name: "CEpoll", path: "Sources/CEpoll"),
        .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),

        .target(
            name: "BoxOfficeProtocol",
            dependencies: [
                "CZlib",
                // SHA-256; Apple's platforms have it in CryptoKit.
                .target(name: "CSodium", condition: .when(platforms: [.linux])),
            ], path: "Sources/Protocol"),
        .target(name: "BoxOfficeCatalogue", path: "Sources/Catalogue"),
        .target(
            name: "BoxOfficeEngine",
            dependencies: [
                "BoxOfficeProtocol",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
            ], path: "Sources/Engine"),
        .target(
            name: "BoxOfficeStore",
            dependencies: [
                "BoxOfficeProtocol", "BoxOfficeEngine", "CSQLite", "CSodium",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], path: "Sources/Store"),
        .target(name: "BoxOfficeAudit", dependencies: ["CSQLite", "CSodium"], path: "Sources/Audit"),
        .target(
            name: "BoxOfficeTransport",
            dependencies: ["CEpoll", "COpenSSL", .product(name: "DequeModule", package: "swift-collections")],
            path: "Sources/Transport"),
        .target(
            name: "BoxOfficeServer",
            dependencies: [
                "BoxOfficeProtocol", "BoxOfficeEngine", "BoxOfficeStore", "BoxOfficeTransport", "BoxOfficeCatalogue",
                "BoxOfficeAudit", "CSodium",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ], path: "Sources/Server"),
        .target(
            name: "BoxOfficeClient",
            dependencies: ["BoxOfficeProtocol", "BoxOfficeTransport"], path: "Sources/ClientLib"),

        .target(name: "BoxOfficeTerminal", dependencies: ["CEditLine"], path: "Sources/Terminal"),
        .target(
            name: "BoxOfficeCommandLine",
            dependencies: [
                "BoxOfficeClient", "BoxOfficeTerminal", "BoxOfficeTransport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], path: "Sources/clientcli/CommandLine"),
        .executableTarget(
            name: "boxoffice", dependencies: ["BoxOfficeCommandLine"], path: "Sources/clientcli/boxoffice"),
        .executableTarget(
            name: "boxofficed",
            dependencies: [
                "BoxOfficeServer", "BoxOfficeStore", "BoxOfficeClient", "BoxOfficeAudit", "BoxOfficeTerminal",
                "BoxOfficeTransport",
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], path: "Sources/boxofficed"),
        .executableTarget(
            name: "boxoffice-benchmark",
            dependencies: [
                "BoxOfficeServer", "BoxOfficeStore", "BoxOfficeEngine", "BoxOfficeProtocol", "BoxOfficeTerminal",
                "BoxOfficeTransport", "CEpoll", "CSQLite",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks", exclude: ["README.md", "RESULTS.md", "instructions.txt"]),

        .testTarget(name: "ProtocolTests", dependencies: ["BoxOfficeProtocol"]),
        .testTarget(name: "EndToEndTests", dependencies: ["BoxOfficeClient", "boxoffice", "boxofficed"]),
        .testTarget(name: "EngineTests", dependencies: ["BoxOfficeEngine", "BoxOfficeProtocol"]),
        .testTarget(name: "CatalogueTests", dependencies: ["BoxOfficeCatalogue"]),
        .target(
            name: "SimulatedDisk", dependencies: ["CSQLite"], path: "Tests/SimulatedDisk",
            // Copies and compares some ten gigabytes in a run of the tests, which are built without optimisation.
            cSettings: [.unsafeFlags(["-O2"])]),
        .target(name: "PowerLoss", dependencies: ["SimulatedDisk"], path: "Tests/PowerLoss"),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "BoxOfficeStore", "BoxOfficeEngine", "BoxOfficeProtocol", "BoxOfficeAudit", "SimulatedDisk",
                "PowerLoss", "CSQLite", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "AuditTests", dependencies: ["BoxOfficeAudit", "BoxOfficeStore", "BoxOfficeEngine", "CSQLite"]),
        .testTarget(name: "TerminalTests", dependencies: ["BoxOfficeTerminal"]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "BoxOfficeServer", "BoxOfficeEngine", "BoxOfficeProtocol", "BoxOfficeTransport", "BoxOfficeCatalogue",
                "BoxOfficeStore", "BoxOfficeAudit", "SimulatedDisk", "PowerLoss", "CSodium",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "CommandLineTests", dependencies: ["BoxOfficeCommandLine", "BoxOfficeClient", "BoxOfficeTerminal"]),
        .testTarget(
            name: "ClientTests", dependencies: ["BoxOfficeClient", "BoxOfficeProtocol", "BoxOfficeTransport"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "BoxOfficeServer", "BoxOfficeClient", "BoxOfficeStore", "BoxOfficeEngine", "BoxOfficeProtocol",
                "BoxOfficeTransport", "BoxOfficeAudit", "SimulatedDisk", "CZlib",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "TransportTests", dependencies: ["BoxOfficeTransport", "CEpoll", "COpenSSL"]),
    ],
    swiftLanguageModes: [.v6]
)

// The fuzzers need libFuzzer's main function, so they are there only when scripts/fuzz asks for them (docs/fuzzing.md).
if Context.environment["BOXOFFICE_FUZZ"] != nil {
    func fuzzer(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
        .executableTarget(name: name, dependencies: ["BoxOfficeFuzzing"] + dependencies, path: "Fuzz/\(folder)")
    }
    package.targets += [
        .target(name: "BoxOfficeFuzzing", path: "Fuzz/Support"),
        fuzzer("fuzz-decoder", "Decoder", ["BoxOfficeProtocol"]),
        fuzzer("fuzz-importer", "Importer", ["BoxOfficeCatalogue"]),
        fuzzer("fuzz-session", "Session", ["BoxOfficeServer", "BoxOfficeEngine", "BoxOfficeProtocol"]),
        fuzzer("fuzz-client", "Client", ["BoxOfficeClient"]),
    ]
}
