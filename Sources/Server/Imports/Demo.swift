import BoxOfficeCatalogue
import BoxOfficeEngine
import BoxOfficeProtocol
import Dispatch

/// Puts the demo catalogue into an empty file, by the way every import takes.
enum Demo {
    static func importIfEmpty(into loop: EngineLoop) throws(ServerFailure) {
        let catalogue = loop.catalogue.value
        // Plans without concerts are what a start that was killed half-way leaves: they are taken again.
        guard catalogue.concerts.isEmpty else {
            loop.logger.info("the demo catalogue is for an empty file; this one has concerts")
            return
        }
        var dice = loop.platform.dice
        for file in DemoCatalogue.files(now: loop.clock.now.rawValue) {
            let reply = Current<Reply?>(nil)
            let done = DispatchSemaphore(value: 0)
            let key = OperationKey(at: loop.clock.now, random: DeploymentID.random(using: &dice).rawValue)
            let action: Command.Action
            do {
                action =
                    switch file.kind {
                    case .seatingPlan: .importPlan(key, hall: try Import.hall(file.bytes), document: file.bytes)
                    case .concerts: .importConcerts(key, try Import.drafts(file.bytes, using: &dice))
                    }
            } catch {
                throw ServerFailure("the demo catalogue was refused: \(error.message)")
            }
            let digest = Digest(hashing: file.bytes).rawValue.first
            let command = Command(actor: .local, action: action, digest: digest)
            loop.post(
                .ownCommand(command) {
                    reply.value = $0
                    done.signal()
                })
            done.wait()
            if case .refused(let refusal) = reply.value {
                throw ServerFailure("the demo catalogue was refused: \(file.name): \(refusal.message)")
            }
        }
        loop.logger.notice("the demo catalogue was imported")
    }
}
