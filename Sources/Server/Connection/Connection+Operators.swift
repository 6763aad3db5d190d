// What operators ask the server, and uploads. Whether somebody is an operator is the engine's to say, each time: the
// role may have come or gone since the login.

import BoxOfficeEngine
import BoxOfficeProtocol

extension Connection {
    /// What the engine's state answers, with the role checked in the same moment.
    func askForOperator(_ request: Request, _ origin: Origin) {
        let actor = session.actor
        let services = services
        let ask: @Sendable (@escaping @Sendable (Engine, Instant) throws(Refusal) -> Response) -> Void = { answer in
            services.loop.post(
                .ask(
                    { engine, now in
                        do throws(Refusal) {
                            try engine.authorize(actor, for: origin.opcode)
                            return .response(try answer(engine, now))
                        } catch {
                            return .refused(error)
                        }
                    }, origin))
        }
        switch request {
        case .whoAmI:
            ask { engine, _ throws(Refusal) in
                guard let account = actor.member.flatMap({ engine.account(of: $0) }) else {
                    throw Refusal(.loginRequired)
                }
                return .account(account)
            }
        case .getPlans:
            ask { _, _ throws(Refusal) in
                let halls = services.catalogue.halls
                return .planList(PlanList(plans: halls.map(\.summary)))
            }
        case .exportPlan(let export):
            ask { _, _ throws(Refusal) in .planDocument(try services.catalogue.document(export)) }
        case .getFigures:
            ask { engine, now throws(Refusal) in .serverFigures(services.figures(engine, now)) }
        case .getRoomChanges(let get): ifOperator(origin) { self.readRoomChanges(get, origin) }
        case .backup(let backup): ifOperator(origin) { self.backUp(to: backup.path, origin) }
        case .makeRehearsalMembers(let make): ifOperator(origin) { self.makeRehearsalMembers(make, origin) }
        case .beginUpload(let begin): ifOperator(origin) { self.beginUpload(begin, origin) }
        default: refuse(origin, Refusal(.unsupported))
        }
    }

    /// Calls `go` on this connection's shard when the engine says that an operator asks; refuses otherwise.
    private func ifOperator(_ origin: Origin, _ go: @escaping @Sendable () -> Void) {
        let actor = session.actor
        services.loop.post(
            .look { engine, _ in
                let refusal: Refusal?
                do throws(Refusal) {
                    try engine.authorize(actor, for: origin.opcode)
                    refusal = nil
                } catch {
                    refusal = error
                }
                self.host.shard.post { if let refusal { self.refuse(origin, refusal) } else { go() } }
            })
    }

    /// Answered when the copy was found to be good.
    private func backUp(to path: String, _ origin: Origin) {
        services.loop.backUp(to: path) { result in
            self.host.shard.post {
                switch result {
                case .success(let made):
                    self.answer(origin, .backedUp(BackedUp(commit: made.commit, at: made.at, bytes: made.bytes)))
                case .failure(let refusal): self.refuse(origin, Refusal(refusal.code, refusal.text))
                }
            }
        }
    }

    /// The tokens are random, so they are made here; the engine says whether this is a rehearsal.
    private func makeRehearsalMembers(_ make: MakeRehearsalMembers, _ origin: Origin) {
        var dice = services.platform.dice
        let tokens = (0..<min(Int(make.count), WireLimits.rehearsalMembersMax)).map { _ in
            let token = SessionToken.random(using: &dice)
            return (token, Digest(hashing: token.rawValue.bytes))
        }
        let action = Command.Action.makeRehearsalMembers(make, tokens: tokens)
        // Without operation key, so without digest.
        let command = Command(actor: session.actor, action: action, digest: Bytes16(high: 0, low: 0))
        services.loop.post(.command(command, origin))
    }

    // MARK: Uploads

    private func beginUpload(_ begin: BeginUpload, _ origin: Origin) {
        if extras == nil { extras = Extras() }
        do throws(Refusal) {
            let begun = try extras!.uploads.began(begin)
            guard uploadsChanged(by: Int(begin.sizeBytes)) else {
                extras!.uploads.settled(begun.upload)
                throw Refusal(.busy, "Many uploads are open.", retryAfterMilliseconds: 1_000)
            }
            answer(origin, .uploadBegun(begun))
        } catch {
            if error.code == .busy { reached(.uploads, "too many uploads were open") }
            refuse(origin, error)
        }
    }

    /// The next bytes. Whoever has an upload was an operator when it began; others are asked first, so that a member
    /// hears of the role and not of an upload.
    func uploadPart(_ request: Request, _ origin: Origin) {
        guard case .uploadPart(let part) = request else { return refuse(origin, Refusal(.unsupported)) }
        guard extras?.uploads.contains(part.upload) == true else {
            return ifOperator(origin) { self.refuse(origin, Refusal(.unknownUpload)) }
        }
        do throws(Refusal) {
            answer(origin, .uploadProgress(try extras!.uploads.partReceived(part)))
        } catch {
            refuse(origin, error)
        }
    }

    /// Brings an upload in. In the order of spec/refusals.md: role, upload, digest, key, contents.
    func commitUpload(_ request: Request, _ origin: Origin) {
        guard case .commitUpload(let commit) = request else { return refuse(origin, Refusal(.unsupported)) }
        ifOperator(origin) {
            do throws(Refusal) {
                let upload = try self.extras?.uploads.complete(commit.upload)
                guard let upload else { throw Refusal(.unknownUpload) }
                self.extras?.committing = commit.upload
                self.bringIn(upload, commit.operation, origin)
            } catch {
                self.refuse(origin, error)
            }
        }
    }

    /// Reads it on the queue for that, and has the engine take it.
    private func bringIn(_ upload: Uploads.Upload, _ key: OperationKey, _ origin: Origin) {
        let actor = session.actor
        let loop = services.loop
        let digest = CommitUpload.operationDigest(of: upload.kind, contents: upload.digest)
        let refuse: @Sendable (Refusal) -> Void = { refusal in
            self.host.shard.post { self.uploadAnswered(origin.number, .refused(refusal)) }
        }
        services.imports.async { [services] in
            guard Digest(hashing: upload.bytes) == upload.digest else {
                return refuse(Refusal(.badRequest, "These bytes do not have the digest announced.", path: "digest"))
            }
            // What is asked about the key needs no contents.
            let empty = Command(actor: actor, action: .importConcerts(key, []), digest: digest)
            self.ifNew(empty, origin) {
                services.imports.async {
                    do throws(Refusal) {
                        var dice = services.platform.dice
                        let action = try Import.action(key, upload, using: &dice)
                        loop.post(.command(Command(actor: actor, action: action, digest: digest), origin))
                    } catch {
                        refuse(error)
                    }
                }
            }
        }
    }

    /// The upload is done with when it was brought in or its contents were refused.
    func uploadAnswered(_ number: UInt64, _ reply: Reply) {
        if let id = extras?.committing, reply.settlesUpload, let bytes = extras?.uploads.settled(id) {
            uploadsChanged(by: -bytes)
        }
        extras?.committing = nil
        answer(number, .commitUpload, reply)
    }
}

extension Reply {
    fileprivate var settlesUpload: Bool {
        guard case .refused(let refusal) = self else { return true }
        switch refusal.code {
        case .badPlan, .badConcerts, .planInUse, .unknownPlan, .badRequest: return true
        default: return false
        }
    }
}

extension Engine {
    /// Throws when the actor may not do this.
    func authorize(_ actor: Actor, for opcode: Opcode) throws(Refusal) {
        let isOperator = actor.member.flatMap { account(of: $0)?.isOperator } ?? false
        if let refusal = Authorization.refusal(for: opcode, by: actor, isOperator: isOperator) { throw refusal }
    }
}

extension PublishedHall {
    var summary: PlanSummary {
        PlanSummary(plan: plan.id, name: plan.hall.name, seats: seats, digest: plan.hall.digest)
    }
}

extension PublishedCatalogue {
    /// Bytes of a plan's file in one answer.
    static let documentPartBytesMax = 512 * 1024

    func document(_ export: ExportPlan) throws(Refusal) -> PlanDocument {
        guard let hall = hall(export.plan) else { throw Refusal(.unknownPlan) }
        let document = hall.plan.document
        guard Int(export.offset) <= document.count else {
            throw Refusal(.badRequest, "The file has \(document.count) bytes.", path: "offset")
        }
        let part = document.dropFirst(Int(export.offset)).prefix(Self.documentPartBytesMax)
        return PlanDocument(sizeBytes: UInt32(document.count), bytes: Array(part))
    }
}
