// Where the box office is and which profile is meant: the command line first, then the environment, then the profile.

import BoxOfficeClient
import Foundation

/// What holds for all commands of a process.
struct Settings: Sendable {
    /// As the command line or the environment says; nil leaves it to the profile.
    var server: ServerAddress?
    var store: ProfileStore
    var environment: [String: String]

    static let defaultServer = ServerAddress(host: "127.0.0.1")
    static let clientName = "boxoffice/\(BoxOfficeTool.version)"

    init(_ options: GlobalOptions, environment: [String: String]) throws(Failure) {
        self.environment = environment
        if let text = options.server ?? environment.nonEmpty("BOXOFFICE_SERVER") {
            guard let server = ServerAddress(text) else {
                throw .usage("\(text) is not a server: HOST:PORT, HOST, [IPV6]:PORT or unix:/PATH is.")
            }
            self.server = server
        }
        let name = options.profile ?? environment.nonEmpty("BOXOFFICE_PROFILE") ?? "default"
        guard ProfileStore.isGoodName(name) else { throw .usage("A profile cannot be called \(name).") }
        store = ProfileStore(directory: ProfileStore.directory(environment: environment), name: name)
    }

    func server(of profile: Profile) -> ServerAddress {
        server ?? profile.server.flatMap { ServerAddress($0) } ?? Self.defaultServer
    }
}

extension [String: String] {
    /// A variable that is set to something.
    func nonEmpty(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
