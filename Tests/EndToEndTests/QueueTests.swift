import Foundation
import Testing

/// The waiting room through the command line, from before the opening to the turn.
@Suite("A wait, through the command line", .serialized)
struct QueueTests {
    @Test("a wait goes through the opening, a crash of the server and Ctrl-C, and the draw is right")
    func wait() throws {
        let server = try ServerProcess("--demo")
        #expect(try server.makeOperator("boss").status == 0)
        try server.boxoffice("boss", "login", "boss")
        for name in ["ann", "bob"] { try server.boxoffice(name, "signup", name) }
        let opening = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 3600))
        let room = try server.boxoffice(
            "boss", "admin", "room", "1", "--opens-at", opening, "--capacity", "0", "--message", "Soon")
        #expect(room.object["opensAt"] as? String == opening)

        // Before the opening: tickets, no order, nothing to verify.
        let ticket = try server.boxoffice("ann", "queue", "join", "1").object
        #expect(ticket["ticket"] as? Int == 0 && ticket["rank"] is NSNull && ticket["position"] as? Int == 0)
        #expect(ticket["opensAt"] as? String == opening && ticket["message"] as? String == "Soon")
        let bob = try server.start("bob", ["queue", "join", "1", "--wait"])
        #expect(bob.waitForOutput { $0.contains("\"notOpen\"") ? $0 : nil } != nil)
        let early = try server.boxoffice("ann", "queue", "verify", "1")
        #expect(early.status == 5 && early.object["verdict"] as? String == "nothingYet")
        #expect(early.object["commitmentSeenBefore"] as? String == early.object["commitment"] as? String)

        // The opening: everybody has a rank, which everybody can check.
        try server.boxoffice("boss", "admin", "room", "1", "--opens-at", "sale")
        #expect(bob.waitForOutput { $0.contains("\"full\"") ? $0 : nil } != nil)
        for name in ["ann", "bob"] {
            let check = try server.boxoffice(name, "queue", "verify", "1")
            #expect(check.status == 0 && check.object["verdict"] as? String == "right")
            #expect(check.object["rank"] as? Int == check.object["computedRank"] as? Int)
            let steps = try #require(check.object["steps"] as? [String: String])
            #expect(steps.values.allSatisfy { $0 == "right" }, "all of it was looked at")
        }
        let place = try server.boxoffice("bob", "queue", "status", "1").object

        // A crash and Ctrl-C cost nobody the place.
        server.killNow()
        try server.startAgain()
        #expect(bob.waitForErrors { $0.contains("\"connected\"") })
        bob.signal(SIGINT)
        let interrupted = bob.finish()
        #expect(interrupted.status == 1 && interrupted.refusal == "interrupted")
        let again = try server.start("bob", ["queue", "join", "1", "--wait"])
        #expect(again.waitForOutput { $0.contains("\"full\"") ? $0 : nil } != nil)
        #expect(again.output.contains("\"token\":\(try #require(place["token"] as? Int)),"))

        // The turn, and the end of ann's place with the reason.
        let ann = try server.start("ann", ["queue", "join", "1", "--wait"])
        #expect(ann.waitForOutput { $0.contains("\"full\"") ? $0 : nil } != nil)
        try server.boxoffice("boss", "admin", "remove", "1", "ann", "--reason", "a bot", "--bar")
        let removed = ann.finish()
        #expect(removed.status == 4 && removed.refusal == "placeEnded")
        #expect(removed.errors.contains("a bot"))
        #expect(removed.objects.last?["status"] as? String == "removed")
        #expect(try server.boxoffice("ann", "queue", "join", "1").refusal == "barred")
        try server.boxoffice("boss", "admin", "room", "1", "--capacity", "1")
        let inside = again.finish()
        #expect(inside.status == 0 && inside.object["status"] as? String == "active")
        #expect(inside.object["rank"] as? Int == place["rank"] as? Int)

        let watch = try server.start("boss", ["admin", "watch", "1"])
        #expect(watch.waitForOutput { $0.split(separator: "\n").count >= 2 ? $0 : nil } != nil)
        watch.signal(SIGINT)
        let figures = watch.finish()
        #expect(figures.status == 0)
        #expect(figures.object["active"] as? Int == 1 && figures.object["removed"] as? Int == 1)
        let changes = try server.boxoffice("boss", "admin", "changes", "1").objects
        #expect(
            changes.map { $0["subject"] as? String } == [
                "capacity", "barred", "opensAt", "message", "opensAt", "capacity",
            ])
        #expect(changes[1]["reason"] as? String == "a bot" && changes[1]["by"] as? String == "boss")
        #expect(server.stop().status == 0)
    }
}
