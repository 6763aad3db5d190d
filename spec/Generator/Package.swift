// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nobody who depends on BoxOffice builds it.
let package = Package(
    name: "Generator",
    platforms: [.macOS(.v15)],
    targets: [.executableTarget(name: "generate")],
    swiftLanguageModes: [.v6]
)
