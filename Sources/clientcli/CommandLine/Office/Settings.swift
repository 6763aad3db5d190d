// Where the box office is and which profile is meant: the command line first, then the environment, then the profile.

import BoxOfficeClient
import Foundation

/// What holds for all commands of a process.
struct Settings: Sendable {
    /// As the command line or the environment says; nil leaves it to the profile.
    var server: ServerAddress?
    /// Whether the server is spoken to with TLS, however it is written.
    var isEncrypted: Bool
    /// How the server proves who it is, as the command line or the environment says; nil leaves it to the profile.
    var trust: ServerTrust?
    var store: ProfileStore
    var environment: [String: String]

    static let defaultServer = ServerAddress(host: "127.0.0.1")
    static let clientName = "boxoffice/\(BoxOfficeTool.version)"

    init(_ options: GlobalOptions, environment: [String: String]) throws(Failure) {
        self.environment = environment
        isEncrypted = options.tls
        if let text = options.server ?? environment.nonEmpty("BOXOFFICE_SERVER") {
            guard let server = Self.address(text, isEncrypted: options.tls) else {
                throw .usage(
                    "\(text) is not a server: HOST:PORT, HOST, [IPV6]:PORT, tls:// before one of these, or "
                        + "unix:/PATH, which is never encrypted.")
            }
            self.server = server
        }
        trust = try Self.trust(options, environment: environment)
        let name = options.profile ?? environment.nonEmpty("BOXOFFICE_PROFILE") ?? "default"
        guard ProfileStore.isGoodName(name) else { throw .usage("A profile cannot be called \(name).") }
        store = ProfileStore(directory: ProfileStore.directory(environment: environment), name: name)
    }

    func server(of profile: Profile) -> ServerAddress {
        if let server { return server }
        if let known = profile.server.flatMap({ Self.address($0, isEncrypted: isEncrypted) }) { return known }
        return isEncrypted ? .tls("127.0.0.1", port: ServerAddress.tlsPort) : Self.defaultServer
    }

    /// How a server proves who it is.
    func trust(in server: ServerAddress, _ profile: Profile) throws(Failure) -> ServerTrust {
        guard server.isEncrypted else {
            if trust != nil { throw .usage("\(server) is not encrypted, so there is no certificate: add --tls.") }
            return .system
        }
        if let trust { return trust }
        return try profile.trust(in: server) ?? .system
    }

    private static func address(_ text: String, isEncrypted: Bool) -> ServerAddress? {
        guard let address = ServerAddress(text), isEncrypted, !address.isEncrypted else { return ServerAddress(text) }
        // With the port as it is written: without one it is the encrypted one's own.
        return ServerAddress("tls://" + text)
    }

    private static func trust(
        _ options: GlobalOptions, environment: [String: String]
    ) throws(Failure) -> ServerTrust? {
        if options.pin != nil, options.ca != nil { throw .usage("--pin and --ca are two ways: give one of them.") }
        if let path = options.ca { return .file(absolute(path)) }
        if let text = options.pin { return try pin(text) }
        if let text = environment.nonEmpty("BOXOFFICE_PIN") { return try pin(text) }
        return environment.nonEmpty("BOXOFFICE_CA").map { .file(absolute($0)) }
    }

    private static func pin(_ text: String) throws(Failure) -> ServerTrust {
        if text == "none" { return .system }
        guard let fingerprint = CertificateFingerprint(text) else {
            throw .usage("\(text) is not a fingerprint: SHA256: and 64 hexadecimal digits, or “none”.")
        }
        return .pinned(fingerprint)
    }

    /// As it is found from anywhere: the profile keeps it.
    private static func absolute(_ path: String) -> String { URL(filePath: path).path }
}

extension [String: String] {
    /// A variable that is set to something.
    func nonEmpty(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
