// The client. `run()` keeps it connected; everything else may be called from any task, at any time: calls wait for
// the connection, survive its loss, and end at their timeout whatever happens.

/// A box office at the other end of a network.
///
/// Start ``run()`` in a task of its own, or let ``withBoxOffice(at:credentials:isolation:_:)`` do that. All functions
/// may be called from any task, many at once.
///
/// A call that changes something carries an operation key, and the same request is sent again after a lost
/// connection, until it is answered or its time is up. The server carries it out once.
public final class BoxOffice: Sendable {
    let driver: Driver

    /// How this client was set up.
    public var configuration: ClientConfiguration { driver.configuration }

    /// A client that does nothing before `run()`. Calls made earlier wait.
    public convenience init(_ configuration: ClientConfiguration) { self.init(configuration, on: .shared) }

    /// A client on a machine of its own, which may be a simulated one.
    init(_ configuration: ClientConfiguration, on loop: EventLoop) {
        driver = Driver(configuration, on: loop)
    }

    // MARK: Life

    /// Connects, and connects again whenever the connection is lost, until `close()`, a refusal that trying again
    /// would only repeat (wrong version, bad credentials, another deployment), or cancellation. `states()` tells which.
    public func run() async {
        await withTaskCancellationHandler {
            driver.process { $0.session.runStarted(at: $1) }
            if Task.isCancelled { driver.process { $0.session.closeRequested(at: $1) } }
            await closed()
        } onCancel: {
            driver.process { $0.session.closeRequested(at: $1) }
        }
    }

    /// Ends the connection once what was sent has left. Calls that wait fail with `closed`. There is no way back.
    public func close() async {
        driver.process { $0.session.closeRequested(at: $1) }
        await closed()
    }

    private func closed() async {
        _ = await driver.wait(for: .connection, heedingCancellation: false) { session, _ in
            session.isClosed ? true : nil
        }
    }

    /// Waits until requests are answered: connected, and logged in when there are credentials. Not needed before
    /// calls, which wait by themselves.
    public func connected(timeout: Duration? = nil) async throws(BoxOfficeError) {
        _ = try await driver.call(.whoAmI, body: [], owner: .readiness, timeout: timeout).get()
    }

    /// What the connection is doing: the newest state at each look, those in between may be left out. Ends after
    /// `closed`.
    public func states() -> ConnectionStates { ConnectionStates(driver: driver) }

    // MARK: What is known without asking

    /// Who is logged in; nil for a guest, and before the first connection.
    public var account: Account? { driver.process { guarded, _ in guarded.session.account } }

    /// The session's token, with which a later run of the program goes on (`Credentials.session`). Keep it secret.
    public var session: SessionToken? { driver.process { guarded, _ in guarded.session.token } }

    /// Which box office this is; the configured one until the first connection.
    public var deployment: DeploymentID? { driver.process { guarded, _ in guarded.session.deployment } }

    /// The limits that the server has set; nil before the first connection.
    public var limits: ServerLimits? { driver.process { guarded, _ in guarded.session.limits } }

    /// Whether nothing that is sold there is real; false before the first connection.
    public var isRehearsal: Bool { driver.process { guarded, _ in guarded.session.features & 1 != 0 } }

    /// The server's time, carried on from what it said last; nil before the first connection.
    public var serverNow: Instant? { driver.process { guarded, now in guarded.session.clock?.instant(at: now) } }
}

/// Connects to a box office, runs `body` when it is connected and logged in, and closes.
///
/// - Parameters:
///   - address: where it is.
///   - credentials: who one is; a guest unless told otherwise.
///   - body: what to do. Its error is passed on, and so is that of a first connection that does not come about.
public func withBoxOffice<R>(
    at address: ServerAddress, credentials: Credentials = .guest, isolation: isolated (any Actor)? = #isolation,
    _ body: (BoxOffice) async throws -> R
) async throws -> R {
    try await withBoxOffice(ClientConfiguration(address: address, credentials: credentials), body)
}

/// Connects to a box office as configured, runs `body` when it is connected and logged in, and closes.
public func withBoxOffice<R>(
    _ configuration: ClientConfiguration, isolation: isolated (any Actor)? = #isolation,
    _ body: (BoxOffice) async throws -> R
) async throws -> R {
    let office = BoxOffice(configuration)
    // Not a child task: it has to outlive the cancellation of this one, to close in good order.
    let run = Task { await office.run() }
    do {
        try await office.connected()
        let result = try await body(office)
        await office.close()
        await run.value
        return result
    } catch {
        await office.close()
        await run.value
        throw error
    }
}
