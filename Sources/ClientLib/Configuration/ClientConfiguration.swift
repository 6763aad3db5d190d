/// What a `BoxOffice` needs to know before it starts.
public struct ClientConfiguration: Sendable {
    /// Where the box office is.
    public var address: ServerAddress
    /// How the server at a `ServerAddress.tls` address proves that it is the right one.
    public var trust = ServerTrust.system
    /// Who the client is at first; `BoxOffice.logIn` and `logOut` change it.
    public var credentials: Credentials
    /// Name and version of the program, for the server's log; cut to 100 bytes.
    public var clientName: String
    /// The box office that is meant. When another one answers there, the client closes with `wrongDeployment`, so that
    /// a program for staging spends no points in production. Without it, the first one that answers is the one.
    public var deployment: DeploymentID?
    /// How long a call may take in all: waiting for a connection, every attempt, and the answer.
    public var requestTimeout: Duration = .seconds(30)
    /// How long it may take to look up the name, connect and exchange greetings.
    public var connectTimeout: Duration = .seconds(10)
    /// The shortest pause before connecting anew, after a connection that worked.
    public var backoffMin: Duration = .milliseconds(100)
    /// The longest pause between attempts to connect. Each pause is drawn from the upper half of its span, so that
    /// clients which lost their server together do not come back together.
    public var backoffMax: Duration = .seconds(5)
    /// Whether the client goes on trying when the very first connection cannot be made. A command that somebody waits
    /// for says no, and learns at once that nobody listens there.
    public var retriesFirstConnection = true
    /// Told about each change before its first byte leaves, and when its outcome is known.
    public var operationObserver: (any OperationObserver)?

    /// The defaults for a server.
    public init(address: ServerAddress, credentials: Credentials = .guest, clientName: String = "BoxOfficeClient") {
        self.address = address
        self.credentials = credentials
        self.clientName = clientName
    }
}
