// One connection to the box office for one profile, over one command or a whole interactive session: who one is, what was
// left open by earlier calls, and every change written down before it is sent.

import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// Who may give a command.
enum Audience: Sendable {
    /// Everybody: without a session one is a guest.
    case guest
    /// Whoever has logged in. A session that has ended is the end of the command.
    case member
}

/// A connection to the box office.
@MainActor
final class Desk {
    let settings: Settings
    let log: PendingLog
    private(set) var office: BoxOffice?
    private var run: Task<Void, Never>?
    let interrupts = Interrupts()
    /// Called before the first connection is made.
    var willConnect: () -> Void = {}

    /// Changes of earlier calls that were settled by this one, with their answers.
    private var settled: [(change: PendingChange, result: Result<[UInt8], BoxOfficeError>)] = []
    /// Those that wait for the same command.
    private var waiting: [PendingChange] = []

    init(_ settings: Settings) {
        self.settings = settings
        log = PendingLog(settings.store)
    }

    // MARK: Connection

    /// The connection; makes one when there is none.
    func open(for audience: Audience, _ console: Console) async throws -> BoxOffice {
        if let office { return office }
        willConnect()
        let profile = try settings.store.load()
        guard let token = profile.token else { return try await meet(profile, token: nil, console) }
        do {
            return try await meet(profile, token: token, console)
        } catch let error as BoxOfficeError where error.code == .loginRequired || error.name == "wrongDeployment" {
            if error.code == .loginRequired {
                try settings.store.change { if $0.session == profile.session { $0.ended() } }
            }
            if audience == .guest { return try await meet(profile, token: nil, console) }
            if error.code == .loginRequired { throw Failure(refusing: .loginRequired, "The session has ended.") }
            var failure = Failure(error)
            failure.message =
                "The session of this profile belongs to another box office than the one that answers. "
                + "Log in to begin one here, or use another profile."
            throw failure
        }
    }

    /// Connects, and keeps how an encrypted server has proved who it is.
    private func meet(_ profile: Profile, token: SessionToken?, _ console: Console) async throws -> BoxOffice {
        let address = settings.server(of: profile)
        var trust = try settings.trust(in: address, profile)
        let office: BoxOffice
        do {
            office = try await connect(to: profile, trusting: trust, token: token)
        } catch let error as BoxOfficeError where error.certificate != nil {
            let isUnknown = error.name == "certificateUnknown" && trust == .system
            guard isUnknown, let shown = error.certificate, asksToTrust(shown, of: address, console) else {
                throw error
            }
            trust = .pinned(shown)
            office = try await connect(to: profile, trusting: trust, token: token)
        }
        if address.isEncrypted, !profile.knows(address, trust) {
            // What was given with the command works without a profile that can be written, too.
            let isKept = (try? settings.store.change { $0.trusts(address, trust) }) != nil
            if !isKept, settings.trust == nil {
                throw Failure("badProfile", "The answer cannot be kept in \(settings.store.path).")
            }
        }
        return office
    }

    private func connect(
        to profile: Profile, trusting trust: ServerTrust, token: SessionToken?
    ) async throws -> BoxOffice {
        var configuration = ClientConfiguration(address: settings.server(of: profile), clientName: Settings.clientName)
        configuration.trust = trust
        configuration.credentials = token.map { .session($0) } ?? .guest
        configuration.deployment = token == nil ? nil : profile.deploymentID
        configuration.requestTimeout = .seconds(15)
        configuration.connectTimeout = .seconds(5)
        configuration.retriesFirstConnection = false
        configuration.operationObserver = log
        let office = BoxOffice(configuration)
        let run = Task { await office.run() }
        do {
            try await office.connected()
        } catch {
            run.cancel()
            throw error
        }
        self.office = office
        self.run = run
        return office
    }

    /// Ends the connection in good order. What has no answer by now is left to the next call.
    func close() async {
        if let office, let run {
            // A server that has stopped answering is not waited for: what matters has been sent.
            await first(
                {
                    await office.close()
                    await run.value
                },
                or: Self.closingTime)
        }
        office = nil
        run = nil
        log.release()
    }

    private static let closingTime: Duration = .seconds(1)

    /// Until a body has ended or a time has passed; the body goes on then.
    private func first(_ body: @escaping @Sendable () async -> Void, or time: Duration) async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        Task {
            await body()
            end.finish()
        }
        Task {
            try? await Task.sleep(for: time)
            end.finish()
        }
        for await _ in ends {}
    }

    /// The address that is meant, for messages and for the profile.
    var address: ServerAddress { office?.configuration.address ?? Settings.defaultServer }

    // MARK: Changes

    /// Settles what earlier calls have left open.
    /// - Parameter own: the change with a password that this command is about to make.
    func settle(leaving own: Opcode?, _ console: Console) async throws {
        settled = []
        waiting = []
        guard let office else { return }
        let member = office.account?.member.rawValue
        let deployment = office.deployment.map { hexadecimal($0.rawValue.bytes) }
        for change in try settings.store.load().pending {
            // A key means something only to the member whose it is, at the box office it was meant for.
            guard change.member == nil || change.member == member, change.deployment == deployment else { continue }
            guard try log.resume(change) else { continue }
            if let own, change.operation?.opcode == own {
                waiting.append(change)
                continue
            }
            let settlement = await change.settle(at: office)
            took(settlement, of: change)
            console.remark(json: settlement.json(of: change), settlement.line(of: change, console.look))
        }
    }

    /// Somebody has logged in: what was open because nobody was can be settled now.
    func loggedIn(_ account: Account, _ console: Console) async throws {
        for change in waiting {
            guard let key = change.operationKey, change.isSignUp(of: account.name) else { continue }
            log.settled(key)
            let settlement = Settlement.done(account.encoded)
            console.remark(json: settlement.json(of: change), settlement.line(of: change, console.look))
        }
        try await settle(leaving: nil, console)
        let others = try settings.store.load().pending.filter {
            $0.member != nil && $0.member != account.member.rawValue
        }
        for change in others {
            let line = "“\(sanitize(change.command))” of member \(change.member ?? 0) waits until they log in again."
            console.remark(json: ["unsettled": ["command": JSON(change.command), "key": JSON(change.key)]], line)
        }
    }

    private func took(_ settlement: Settlement, of change: PendingChange) {
        switch settlement {
        case .done(let body): settled.append((change, .success(body)))
        case .refused(let error): settled.append((change, .failure(error)))
        case .notDone, .lost: break
        case .open, .needsPassword: return waiting.append(change)
        }
        if let key = change.operationKey { log.settled(key) }
    }

    /// Makes a change: once, whatever happened to an earlier call that wanted the same.
    /// - Parameter make: the request with an operation key.
    func change<R: RequestMessage>(command: String, _ make: (OperationKey) -> R) async throws -> R.Response {
        guard let office else { throw Failure("noConnection", "There is no connection.", status: .noConnection) }
        if let index = settled.firstIndex(where: { entry in entry.change.isSame(asMadeBy: make) }) {
            let answer = try settled.remove(at: index).result.get()
            return try R.Response(body: answer.span)
        }
        if let index = waiting.firstIndex(where: { $0.isSame(asMadeBy: make) }), let key = waiting[index].operationKey {
            return try await finish(waiting.remove(at: index), key, make(key), at: office)
        }
        begin(command: command)
        return try await office.perform(make(office.newOperationKey()))
    }

    /// The answer to an import that an earlier call began, when it has come.
    func settledImport(of kind: UploadKind, _ file: ImportFile) throws -> Imported? {
        let index = settled.firstIndex {
            $0.change.file?.kind == kind.rawValue && $0.change.file?.fingerprint == file.fingerprint
        }
        guard let index else { return nil }
        let answer = try settled.remove(at: index).result.get()
        return try Imported(body: answer.span)
    }

    /// Tells the profile what the changes from now on are.
    func begin(command: String, file: PendingChange.File? = nil) {
        let origin = PendingLog.Origin(
            command: command, member: office?.account?.member, deployment: office?.deployment, file: file)
        log.begin(origin)
    }

    /// Makes a change under the key that an earlier call has given it.
    private func finish<R: RequestMessage>(
        _ change: PendingChange, _ key: OperationKey, _ request: R, at office: BoxOffice
    ) async throws -> R.Response {
        do throws(BoxOfficeError) {
            let answer = try await office.perform(request)
            log.settled(key)
            return answer
        } catch {
            if case .open = Settlement(error) {
                var failure = Failure(error)
                failure.isPending = true
                throw failure
            }
            log.settled(key)
            throw error
        }
    }
}

extension PendingChange {
    /// Whether it is the sign-up of whoever has a name. Names are compared more strictly by the box office, but this one
    /// has just let them in.
    fileprivate func isSignUp(of name: String) -> Bool {
        guard let operation, operation.opcode == .signUp else { return false }
        guard let signUp = try? SignUp(body: operation.body.span) else { return false }
        return signUp.name.compare(name, options: [.caseInsensitive, .widthInsensitive]) == .orderedSame
    }

    fileprivate func isSame(asMadeBy make: (OperationKey) -> some RequestMessage) -> Bool {
        operationKey.map { isSame(as: make($0)) } ?? false
    }
}
