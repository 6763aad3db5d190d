// Requests with a password. Each goes: is the key new? (engine) → hash or verify (hasher) → decide (engine). A retry is
// answered at the first step, without hashing again. Until its answer nothing else is read on this connection.

import BoxOfficeEngine
import BoxOfficeProtocol

extension Connection {
    func takePassword(_ request: Request, _ origin: Origin) {
        switch request {
        case .logIn(let request): logIn(request, origin)
        case .signUp(let message):
            guard let name = MemberName(message.name) else { return refuse(origin, Refusal(.badName)) }
            let command = { @Sendable [digest = request.operationDigest] (hash: String) in
                Command(
                    actor: .guest, action: .signUp(message, nameKey: name.key, passwordHash: hash), digest: digest)
            }
            ifNew(command(""), origin) { self.hash(message.password, origin) { command($0) } }
        case .changePassword(let message): changePassword(message, digest: request.operationDigest, origin)
        case .setPassword(let message):
            let actor = session.actor
            // A name that nobody can have belongs to no member.
            let key = MemberName(message.name)?.key ?? ""
            let command = { @Sendable [digest = request.operationDigest] (hash: String) in
                Command(
                    actor: actor, action: .setPassword(message, nameKey: key, passwordHash: hash), digest: digest)
            }
            ifNew(command(""), origin) { self.hash(message.password, origin) { command($0) } }
        case .makeOperator(let message):
            guard let name = MemberName(message.name) else { return refuse(origin, Refusal(.badName)) }
            let actor = session.actor
            let command = { @Sendable [digest = request.operationDigest] (hash: String?) in
                Command(
                    actor: actor, action: .makeOperator(message, nameKey: name.key, passwordHash: hash), digest: digest)
            }
            guard let password = message.password else { return services.loop.post(.command(command(nil), origin)) }
            ifNew(command(nil), origin) { self.hash(password, origin) { command($0) } }
        default: refuse(origin, Refusal(.unsupported))
        }
    }

    // MARK: Steps

    /// Calls `go` on the engine's queue when the actor may do this and the operation key is new; otherwise the answer
    /// is known.
    func ifNew(_ command: Command, _ origin: Origin, _ go: @escaping @Sendable () -> Void) {
        let loop = services.loop
        loop.post(
            .look { engine, now in
                if engine.known(command, origin.opcode, at: now) == nil { return go() }
                // Asked again in its turn, so that the answer waits for the commit it rests on.
                loop.post(
                    .ask({ $0.known(command, origin.opcode, at: $1) ?? .refused(Refusal(.busy)) }, origin))
            })
    }

    private func hash(_ password: Secret, _ origin: Origin, _ command: @escaping @Sendable (String) -> Command) {
        let accepted = services.hasher.hash(password) { [services] hash in
            guard let hash else { return self.refuseBusy(origin) }
            services.loop.post(.command(command(hash), origin))
        }
        if !accepted { refuseBusy(origin) }
    }

    private func refuseLater(_ origin: Origin, _ refusal: Refusal) { host.shard.post { self.refuse(origin, refusal) } }

    /// Passwords wait already, as many as may.
    private func refuseBusy(_ origin: Origin) {
        host.shard.post {
            self.reached(.passwordsWaiting, "too many passwords wait")
            self.refuse(origin, Refusal(.busy, "Many are logging in.", retryAfterMilliseconds: 1_000))
        }
    }

    // MARK: Logging in

    private func logIn(_ request: LogIn, _ origin: Origin) {
        let key = MemberName(request.name)?.key
        let instance = instance
        // A name that nobody can have fails like one that nobody has.
        guard let attempt = attempt(on: LoginFailures.Account(name: key ?? request.name), origin) else { return }
        services.loop.post(
            .look { [services] engine, _ in
                let known = key.flatMap { engine.credentials(nameKey: $0) }
                // Without a member the time of a verification is spent all the same.
                let accepted = services.hasher.verify(request.password, against: known?.passwordHash) { fits in
                    guard fits, let key, let known else { return self.refuseWrong(origin, attempt) }
                    self.passwordFits(attempt)
                    var dice = services.platform.dice
                    let token = SessionToken.random(using: &dice)
                    let logIn = LogInAttempt(
                        member: known.member, verifiedHash: known.passwordHash, nameKey: key, token: token,
                        tokenDigest: Digest(hashing: token.rawValue.bytes), device: request.device,
                        instance: instance)
                    services.loop.post(.logIn(logIn, origin))
                }
                if !accepted { self.withdraw(origin, attempt) }
            })
    }

    // MARK: Changing a password

    private func changePassword(_ message: ChangePassword, digest: Bytes16, _ origin: Origin) {
        let actor = session.actor
        guard let name = session.name, let key = MemberName(name)?.key else {
            return refuse(origin, Refusal(.loginRequired))
        }
        let command = { @Sendable (verified: String, hash: String) in
            Command(
                actor: actor, action: .changePassword(message, verifiedHash: verified, passwordHash: hash),
                digest: digest)
        }
        ifNew(command("", ""), origin) {
            self.host.shard.post { self.verifyOld(message, nameKey: key, origin, command) }
        }
    }

    private func verifyOld(
        _ message: ChangePassword, nameKey: String, _ origin: Origin,
        _ command: @escaping @Sendable (_ verified: String, _ hash: String) -> Command
    ) {
        guard let member = session.actor.member, let attempt = attempt(on: LoginFailures.Account(member), origin)
        else { return }
        services.loop.post(
            .look { [services] engine, _ in
                guard let known = engine.credentials(nameKey: nameKey) else { return self.refuseWrong(origin, attempt) }
                let accepted = services.hasher.verify(message.oldPassword, against: known.passwordHash) { fits in
                    guard fits else { return self.refuseWrong(origin, attempt) }
                    self.passwordFits(attempt)
                    self.hash(message.newPassword, origin) { command(known.passwordHash, $0) }
                }
                if !accepted { self.withdraw(origin, attempt) }
            })
    }

    // MARK: Failures

    /// A password that is being looked at, as far as limits on failures are concerned.
    struct PasswordAttempt: Sendable {
        var account: LoginFailures.Account
        var address: HostAddress?
        /// Of the socket in the data directory, which is not limited.
        var isLocal = false
    }

    /// Begins an attempt. Nil when there were too many that failed: then the request is refused, and nothing is hashed.
    private func attempt(on account: LoginFailures.Account, _ origin: Origin) -> PasswordAttempt? {
        guard !session.isLocal else { return PasswordAttempt(account: account, isLocal: true) }
        let attempt = PasswordAttempt(account: account, address: channel.flatMap { services.exempt.limited($0.peer) })
        let now = services.clock.now
        guard let (limit, wait) = services.logins.change({ $0.began(account, from: attempt.address, at: now) }) else {
            return attempt
        }
        reached(limit, "too many logins failed")
        refuse(origin, Refusal(rateLimitedFor: wait))
        return nil
    }

    /// From any queue, as what follows.
    private func passwordFits(_ attempt: PasswordAttempt) {
        guard !attempt.isLocal else { return }
        let now = services.clock.now
        services.logins.change { $0.succeeded(attempt.account, from: attempt.address, at: now) }
    }

    private func withdraw(_ origin: Origin, _ attempt: PasswordAttempt) {
        let now = services.clock.now
        if !attempt.isLocal { services.logins.change { $0.withdrawn(attempt.account, from: attempt.address, at: now) } }
        refuseBusy(origin)
    }

    /// It was not the password: the answer, and the end of the connection when it is one too many.
    private func refuseWrong(_ origin: Origin, _ attempt: PasswordAttempt) {
        let now = services.clock.now
        if !attempt.isLocal { services.logins.change { $0.failed(attempt.account, at: now) } }
        host.shard.post {
            self.refuse(origin, Refusal(.badCredentials))
            guard !attempt.isLocal, let most = self.limits.loginFailuresPerConnection else { return }
            self.loginFailures = UInt8(clamping: Int(self.loginFailures) + 1)
            guard Int(self.loginFailures) >= most, self.leaving == nil else { return }
            self.reached(.loginFailuresPerConnection, "too many logins failed on a connection")
            self.leave(.loginFailures, "Too many logins failed on this connection.", atOnce: true)
        }
    }
}

extension Engine {
    /// What is known of a command without its password: that its actor may not do it, or how it ended before.
    func known(_ command: Command, _ opcode: Opcode, at now: Instant) -> Reply? {
        let isOperator = command.actor.member.flatMap { account(of: $0)?.isOperator } ?? false
        if let refusal = Authorization.refusal(for: opcode, by: command.actor, isOperator: isOperator) {
            return .refused(refusal)
        }
        return settled(command, at: now)
    }
}
