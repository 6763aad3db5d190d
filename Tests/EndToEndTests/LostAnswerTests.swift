import BoxOfficeClient
import Foundation
import Testing

/// A change whose answer did not come is settled by the next call: never done twice, nor forgotten.
@Suite("Lost answers, through the command line", .serialized)
struct LostAnswerTests {
    private let server: ServerProcess
    private let relay: LossyRelay

    init() throws {
        server = try ServerProcess("--demo")
        relay = try LossyRelay(to: server.port)
        #expect(try server.boxoffice("ann", "signup", "ann").status == 0)
    }

    /// Gives a command through the relay, and ends its process once the loss has happened.
    private func give(_ arguments: String..., losing loss: LossyRelay.Loss, endedBy signal: Int32) throws -> Finished {
        relay.lose(loss)
        let running = try server.start("ann", ["--server", "127.0.0.1:\(relay.port)"] + arguments)
        #expect(relay.hasLost())
        running.signal(signal)
        defer { relay.lose(.nothing) }
        return running.finish()
    }

    private func balance() throws -> Int? { try server.boxoffice("ann", "balance").object["balance"] as? Int }

    /// What the next call says of earlier ones.
    private func settled(_ finished: Finished) -> [String: Any]? {
        finished.errors.split(separator: "\n").compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["settled"] as? [String: Any]
        }.first
    }

    @Test(arguments: [LossyRelay.Loss.answer(to: Opcode.charge.rawValue), .request(Opcode.charge.rawValue)])
    func theSameCommandWasTheCall(loss: LossyRelay.Loss) throws {
        defer { relay.stop() }
        _ = try give("charge", "500", losing: loss, endedBy: SIGKILL)
        let again = try server.boxoffice("ann", "charge", "500")
        #expect(again.status == 0)
        #expect(again.object["balance"] as? Int == 500)
        #expect(settled(again)?["outcome"] as? String == "done")
        #expect(try balance() == 500)
        #expect(try server.boxoffice("ann", "charge", "500").object["balance"] as? Int == 1000, "a new call")
    }

    @Test(arguments: [LossyRelay.Loss.answer(to: Opcode.charge.rawValue), .request(Opcode.charge.rawValue)])
    func anotherCommandSettlesItAndSaysSo(loss: LossyRelay.Loss) throws {
        defer { relay.stop() }
        let interrupted = try give("charge", "500", losing: loss, endedBy: SIGINT)
        #expect(interrupted.status == 3)
        let next = try server.boxoffice("ann", "balance")
        #expect(next.object["balance"] as? Int == 500)
        #expect(settled(next)?["command"] as? String == "charge 500")
        #expect(settled(try server.boxoffice("ann", "whoami")) == nil, "once")
    }

    @Test func anotherChangeIsNotTakenForTheLostOne() throws {
        defer { relay.stop() }
        _ = try give("charge", "500", losing: .answer(to: Opcode.charge.rawValue), endedBy: SIGKILL)
        #expect(try server.boxoffice("ann", "charge", "40").object["balance"] as? Int == 540)
    }

    @Test func aLostSignUpIsFinishedByTheSameOne() throws {
        defer { relay.stop() }
        relay.lose(.answer(to: Opcode.signUp.rawValue))
        let running = try server.start("bob", ["--server", "127.0.0.1:\(relay.port)", "signup", "bob"])
        #expect(relay.hasLost())
        running.signal(SIGKILL)
        _ = running.finish()
        let profile = server.folder.path + "/config/boxoffice/bob.json"
        #expect(try String(contentsOfFile: profile, encoding: .utf8).contains("a long password") == false)
        #expect(try server.boxoffice("bob", "signup", "bob").object["name"] as? String == "bob")
        #expect(try server.boxoffice("bob", "whoami").status == 0)
    }

    @Test func aLostRefusalIsTheAnswerToo() throws {
        defer { relay.stop() }
        _ = try give("pay", "99", losing: .answer(to: Opcode.pay.rawValue), endedBy: SIGKILL)
        let again = try server.boxoffice("ann", "pay", "99")
        #expect(again.status == 1)
        #expect(again.refusal == "unknownReservation")
        #expect(settled(again)?["outcome"] as? String == "refused")
    }

    @Test func manyAtOnceAreManyCalls() throws {
        defer { relay.stop() }
        let running = try (0..<8).map { _ in try server.start("ann", ["charge", "10"]) }
        for process in running { #expect(process.finish().status == 0) }
        #expect(try balance() == 80)
    }
}
