import Foundation
import Testing

/// The commands as other programs use them: names, JSON and exit statuses are a contract.
@Suite("The story, through the command line", .serialized)
struct StoryTests {
    @Test("from sign-up to a paid seat, with a lost hold on the way, told at every step")
    func story() throws {
        // Time for three commands, each a process of its own.
        let holdSeconds = isSanitized ? 20 : 3
        let server = try ServerProcess(
            "--demo", "--hold-seconds", "\(holdSeconds)", "--hold-warning-seconds", "1", "--room-capacity", "1")
        #expect(try server.makeOperator("boss").status == 0)
        #expect(try server.boxoffice("boss", "login", "boss").status == 0)

        let ann = try server.boxoffice("ann", "signup", "ann")
        #expect(ann.status == 0)
        #expect(ann.object["name"] as? String == "ann")
        #expect(try server.boxoffice("bob", "signup", "Bob").status == 0)
        #expect(try server.boxoffice("eve", "signup", "ANN").refusal == "nameTaken")
        #expect(try server.boxoffice("ann", "whoami").object["name"] as? String == "ann")

        let concerts = try server.boxoffice("guest", "concerts").objects
        #expect(concerts.count >= 4)
        let concert = try #require(concerts.first?["concert"] as? Int)
        #expect(concerts.allSatisfy { $0["title"] is String })
        let dates = try server.boxoffice("guest", "dates", "\(concert)").objects
        let date = try #require(dates.first?["performance"] as? Int)
        #expect((dates.first?["startsAt"] as? String)?.hasSuffix("Z") == true)
        #expect(try #require(dates.first?["available"] as? Int) > 0)
        let free = try server.boxoffice("guest", "seats", "\(date)").objects.filter {
            $0["status"] as? String == "available"
        }
        let seats = try free.prefix(3).map { try #require($0["seat"] as? String) }

        // Nothing that reserves works for guests, or before one's turn.
        #expect(try server.boxoffice("guest", "hold", "\(date)", seats[0]).refusal == "loginRequired")
        #expect(try server.boxoffice("ann", "hold", "\(date)", seats[0]).refusal == "queueRequired")

        let watchAnn = try server.start("ann", ["watch"])
        let watchBob = try server.start("bob", ["watch"])
        Thread.sleep(forTimeInterval: 1)
        #expect(try server.boxoffice("ann", "charge", "1000000").object["balance"] as? Int == 1_000_000)
        #expect(try server.boxoffice("bob", "charge", "1000000").status == 0)
        #expect(try server.boxoffice("bob", "charge", "-5").refusal == "badAmount")

        let room = try server.boxoffice("boss", "admin", "room", "\(concert)", "--capacity", "1")
        #expect(room.status == 0)
        #expect(try server.boxoffice("bob", "admin", "room", "\(concert)", "--capacity", "9").refusal == "notAllowed")
        #expect(try server.boxoffice("ann", "queue", "join", "\(concert)").object["status"] as? String == "active")
        let waiting = try server.boxoffice("bob", "queue", "join", "\(concert)").object
        #expect(waiting["status"] as? String == "waiting")
        #expect(waiting["position"] as? Int == 1)
        #expect(waiting["ahead"] as? Int == 0)
        #expect(waiting["estimatedWaitSeconds"] is NSNull)

        // Held for ann and nobody else; lost at the deadline.
        let held = try server.boxoffice("ann", "hold", "\(date)", seats[0], seats[1]).object
        #expect(held["status"] as? String == "held")
        #expect((held["seats"] as? [Any])?.count == 2)
        #expect(try #require(held["remainingSeconds"] as? Double) <= Double(holdSeconds))
        #expect(try server.boxoffice("bob", "hold", "\(date)", seats[0]).refusal == "queueRequired")
        let lost = try #require(held["reservation"] as? Int)
        #expect(
            watchAnn.waitForOutput { $0.contains("\"holdExpired\"") ? $0 : nil } != nil, "ann is told of the expiry")
        #expect(try server.boxoffice("ann", "pay", "\(lost)").refusal == "holdExpired")

        // Held again and paid; that lets bob in.
        let again = try server.boxoffice("ann", "hold", "\(date)", seats[0], seats[1]).object
        let reservation = try #require(again["reservation"] as? Int)
        #expect(try server.boxoffice("bob", "pay", "\(reservation)").refusal == "unknownReservation")
        let paid = try server.boxoffice("ann", "pay", "\(reservation)").object
        #expect(paid["status"] as? String == "confirmed")
        #expect(paid["reservation"] as? Int == reservation)
        let amount = try #require(paid["amount"] as? Int)
        #expect(paid["balance"] as? Int == 1_000_000 - amount)
        #expect(watchBob.waitForOutput { $0.contains("\"admitted\"") ? $0 : nil } != nil, "bob is told of his turn")
        #expect(try server.boxoffice("bob", "hold", "\(date)", seats[1]).refusal == "seatTaken")
        #expect(try server.boxoffice("bob", "hold", "\(date)", seats[2]).status == 0)
        #expect(try server.boxoffice("bob", "hold", "\(date)", "no such seat").refusal == "unknownSeat")

        // A refund gives points and seats back.
        #expect(try server.boxoffice("boss", "admin", "refund", "\(reservation)").status == 0)
        #expect(try server.boxoffice("ann", "balance").object["balance"] as? Int == 1_000_000)
        let mine = try server.boxoffice("ann", "reservations").objects
        #expect(mine.map { $0["status"] as? String } == ["refunded", "expired"])
        #expect(try server.boxoffice("ann", "payments").objects.count == 1)
        #expect(try server.boxoffice("ann", "ledger").objects.count == 3)

        #expect(watchAnn.waitForOutput { $0.contains("\"refunded\"") ? $0 : nil } != nil)
        watchAnn.signal(SIGINT)
        watchBob.signal(SIGINT)
        let heard = watchAnn.finish()
        #expect(heard.status == 0)
        _ = watchBob.finish()
        let notices = heard.objects.filter { $0["sequence"] is Int }
        #expect(
            notices.compactMap { $0["kind"] as? String } == [
                "charged", "admitted", "held", "holdEnding", "holdExpired", "held", "paid", "refunded",
            ])
        let sequences = notices.compactMap { $0["sequence"] as? Int }
        #expect(sequences == Array(sequences[0]..<(sequences[0] + sequences.count)))

        #expect(try server.audit().status == 0, "beside a running server")
        #expect(server.stop().status == 0)
        #expect(try server.audit().status == 0)
    }

    @Test("exit statuses: 2 for wrong usage, 3 for no connection")
    func statuses() throws {
        let server = try ServerProcess()
        #expect(try server.boxoffice("ann", "charge", "many").status == 2)
        #expect(try server.boxoffice("ann", "no-such-command").status == 2)
        #expect(try server.boxoffice("ann", "whoami").refusal == "loginRequired")
        #expect(try server.boxoffice("ann", "whoami").status == 1)
        server.killNow()
        #expect(try server.boxoffice("ann", "concerts").status == 3)
    }

    @Test("a watch that ran before goes on where it was")
    func watchGoesOn() throws {
        let server = try ServerProcess()
        try server.boxoffice("ann", "signup", "ann")
        let first = try server.start("ann", ["watch"])
        Thread.sleep(forTimeInterval: 1)
        try server.boxoffice("ann", "charge", "1")
        #expect(first.waitForOutput { $0.contains("charged") ? $0 : nil } != nil)
        first.signal(SIGINT)
        #expect(first.finish().status == 0)
        try server.boxoffice("ann", "charge", "2")
        try server.boxoffice("ann", "charge", "3")
        let second = try server.start("ann", ["watch"])
        _ = second.waitForOutput { $0.split(separator: "\n").count >= 2 ? $0 : nil }
        second.signal(SIGTERM)
        let heard = second.finish().objects
        #expect(heard.compactMap { $0["sequence"] as? Int } == [2, 3])
        #expect(heard.compactMap { $0["amount"] as? Int } == [2, 3])
    }

    @Test("a second server on the same data is refused, and the first goes on")
    func secondServer() throws {
        let server = try ServerProcess("--demo")
        let second = try RunningProcess(
            Products.directory.appending(path: "boxofficed"),
            ["serve", "--data", server.data, "--listen", "127.0.0.1:0"]
        ).finish(within: 20)
        #expect(second.status == 1)
        #expect(second.errors.contains("in use") || second.errors.contains("another server"))
        #expect(try server.boxoffice("guest", "concerts").status == 0)
    }

    @Test("imports: what was exported reads back, and a bad file is refused with its place")
    func imports() throws {
        let server = try ServerProcess()
        #expect(try server.makeOperator("boss").status == 0)
        try server.boxoffice("boss", "login", "boss")
        let examples = Products.root.appending(path: "docs/examples")
        let plan = try server.boxoffice("boss", "admin", "import-plan", examples.appending(path: "club.json").path())
        #expect(plan.status == 0)
        let number = try #require(plan.object["plan"] as? Int)
        let exported = try server.boxoffice("boss", "admin", "export-plan", "\(number)")
        #expect(exported.status == 0)
        let back = server.folder.path + "/back.json"
        try exported.output.write(toFile: back, atomically: true, encoding: .utf8)
        #expect(try server.boxoffice("boss", "admin", "import-plan", back).object["plan"] as? Int == number)
        let bad = exported.output.replacingOccurrences(of: "\"category\"", with: "\"kategorie\"")
        try bad.write(toFile: back, atomically: true, encoding: .utf8)
        let refused = try server.boxoffice("boss", "admin", "import-plan", back)
        #expect(refused.refusal == "badPlan")
        #expect(refused.errors.contains("zones[0].rows[0].seats[0]"))
    }
}
