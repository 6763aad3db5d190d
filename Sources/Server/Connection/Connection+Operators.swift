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
                guard let account = actor.member.flatMap({ engine.account(of: $0) }) else { throw Refusal(.loginRequired) }
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
        case .beginUpload(let begin):
            // Only the role is the engine's; the upload is this connection's, once that is known.
            services.loop.post(
                .look { engine, _ in
                    do throws(Refusal) {
                        try engine.authorize(actor, for: origin.opcode)
                        self.host.shard.post { self.beginUpload(begin, origin) }
                    } catch {
                        let refusal = error
                        self.host.shard.post { self.refuse(origin, refusal) }
                    }
                })
        default: refuse(origin, Refusal(.unsupported))
        }
    }

    // MARK: Uploads

    private func beginUpload(_ begin: BeginUpload, _ origin: Origin) {
        if extras == nil { extras = Extras() }
        do throws(Refusal) {
            answer(origin, .uploadBegun(try extras!.uploads.began(begin)))
        } catch {
            refuse(origin, error)
        }
    }

    /// What is about this connection only.
    func answerHere(_ request: Request, _ origin: Origin) {
        do throws(Refusal) {
            guard case .uploadPart(let part) = request, extras != nil else { throw Refusal(.unknownUpload) }
            answer(origin, .uploadProgress(try extras!.uploads.partReceived(part)))
        } catch {
            refuse(origin, error)
        }
    }

    /// Reads an upload on the queue for that, and has the engine take it.
    func commitUpload(_ request: Request, _ origin: Origin) {
        guard case .commitUpload(let commit) = request else { return refuse(origin, Refusal(.unsupported)) }
        let upload: Uploads.Upload
        do throws(Refusal) {
            guard let extras else { throw Refusal(.unknownUpload) }
            upload = try extras.uploads.complete(commit.upload)
        } catch {
            return refuse(origin, error)
        }
        extras?.committing = commit.upload
        let actor = session.actor
        services.imports.async { [services] in
            do throws(Refusal) {
                let action = try Import.action(commit.operation, upload)
                let digest = CommitUpload.operationDigest(of: upload.kind, contents: upload.digest)
                services.loop.post(.command(Command(actor: actor, action: action, digest: digest), origin))
            } catch {
                let refusal = error
                self.host.shard.post { self.uploadAnswered(origin.number, .refused(refusal)) }
            }
        }
    }

    /// The upload is done with, unless asking again is advised.
    func uploadAnswered(_ number: UInt64, _ reply: Reply) {
        var isDone = true
        if case .refused(let refusal) = reply { isDone = refusal.retry == .never }
        if let id = extras?.committing, isDone { extras?.uploads.settled(id) }
        extras?.committing = nil
        answer(number, .commitUpload, reply)
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
