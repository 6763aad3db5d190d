// The client library tries again by itself, twice a second at first. People are told of the two moments that matter.

import BoxOfficeClient
import BoxOfficeTerminal

/// Tells once that the connection was lost, and once that it is back.
@MainActor
final class ConnectionNews {
    private let console: Console
    private var isConnected = true

    /// - Parameter console: says it on its standard error.
    init(on console: Console) { self.console = console }

    /// - Parameter tells: false when somebody else says it.
    func heard(_ state: ConnectionState, tells: Bool = true) {
        switch state {
        case .connected where !isConnected:
            isConnected = true
            if tells { console.remark(json: ["connection": "connected"], "connected again") }
        case .waiting(_, let why) where isConnected:
            isConnected = false
            guard tells else { return }
            console.remark(
                json: ["connection": "lost", "message": JSON(why.message)], "\(sanitize(why.message)) Trying again…")
        case .connected, .connecting, .waiting, .closed: break
        }
    }
}
