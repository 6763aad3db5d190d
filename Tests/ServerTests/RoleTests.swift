import BoxOfficeProtocol
import Testing

/// Every request, over the wire, by everybody who may and may not send it: a guest, the member whom it is about, another
/// member, an operator, and the socket in the data directory.
@Suite struct RoleTests {
    /// A request and what it is answered with, by who asks: `ok`, or the code of the refusal.
    private struct Row: Sendable {
        /// The request of a client, with a number that differs from one client to the next.
        typealias Message = @Sendable (RawClient, Int) -> any RequestMessage

        let guest, member, other, operators, local: String
        let message: Message

        init(
            _ guest: String, _ member: String, _ other: String, _ operators: String, _ local: String,
            _ message: @escaping Message
        ) {
            (self.guest, self.member, self.other, self.operators, self.local) =
                (guest, member, other, operators, local)
            self.message = message
        }

        static func everybody(_ message: @escaping Message) -> Row {
            Row("ok", "ok", "ok", "ok", "ok", message)
        }

        /// A member's own, whoever the member is.
        static func members(
            _ outcome: String = "ok", _ message: @escaping Message
        ) -> Row {
            Row("loginRequired", outcome, outcome, outcome, "notAllowed", message)
        }

        /// About something of the member's that others do not even hear of.
        static func owner(_ message: @escaping Message) -> Row {
            Row("loginRequired", "ok", "unknownReservation", "unknownReservation", "notAllowed", message)
        }

        static func operators(
            _ outcome: String = "ok", _ message: @escaping Message
        ) -> Row {
            Row("loginRequired", "notAllowed", "notAllowed", outcome, outcome, message)
        }
    }

    private static let concert = ConcertID(1)
    private static let date = PerformanceID(1)
    /// What the member has: paid, held, and held.
    private static let (paid, held, released) = (ReservationID(1), ReservationID(2), ReservationID(3))

    /// Each request once, in an order in which what is asked first is not in the way of what is asked later.
    private static let rows: [Row] = [
        .everybody { SignUp(operation: $0.key(), name: "new \($1)", password: Secret("correct horse")) },
        .everybody { _, _ in GetConcerts(after: ConcertID(0), limit: 1) },
        .everybody { _, _ in GetPerformances(concert: concert) },
        .everybody { _, _ in GetPerformance(performance: date) },
        .everybody { _, _ in GetHall(performance: date, fromRow: 0) },
        .everybody { _, _ in FindSeats(performance: date, labels: ["1-1"]) },
        .everybody { _, _ in GetSeatMap(performance: date) },
        .everybody { _, _ in WatchSeats(performance: date) },
        .everybody { _, _ in UnwatchSeats(performance: date) },
        .everybody { _, _ in GetDraw(concert: concert) },
        .members { _, _ in WhoAmI() },
        .members { client, _ in
            ChangePassword(
                operation: client.key(), oldPassword: Secret("correct horse"), newPassword: Secret("correct horse"))
        },
        .members { client, _ in Charge(operation: client.key(), amount: Points(1_000)) },
        Row("loginRequired", "ok", "notAllowed", "ok", "ok") { _, _ in GetBalance(member: MemberID(2)) },
        .members { _, _ in GetLedger(before: LedgerEntryID(0), limit: 1) },
        .members { _, _ in GetReservations(before: ReservationID(0), limit: 1) },
        .members { _, _ in GetPayments(before: PaymentID(0), limit: 1) },
        .members { client, _ in JoinQueue(operation: client.key(), concert: concert) },
        .members { _, _ in GetPlace(concert: concert) },
        .members { _, _ in WatchPlace(concert: concert) },
        .members("seatTaken") { client, _ in
            Hold(operation: client.key(), performance: date, seats: [SeatIndex(0)])
        },
        .owner { _, _ in GetReservation(reservation: held) },
        .owner { client, _ in Release(operation: client.key(), reservation: released) },
        .owner { client, _ in Pay(operation: client.key(), reservation: held) },
        .members { client, _ in
            LeaveQueue(operation: client.key(), concert: concert)
        },
        .members { _, _ in SubscribeNotices() },
        .members { _, _ in UnsubscribeNotices() },
        .operators { _, _ in BeginUpload(kind: .plan, sizeBytes: 1, digest: Digest(hashing: [1])) },
        .operators("unknownUpload") { _, _ in UploadPart(upload: UploadID(99), offset: 0, bytes: [1]) },
        .operators("unknownUpload") { client, _ in CommitUpload(operation: client.key(), upload: UploadID(99)) },
        .operators { _, _ in GetPlans() },
        .operators { _, _ in ExportPlan(plan: PlanID(1), offset: 0) },
        .operators { client, _ in
            BlockSeats(operation: client.key(), performance: date, seats: [SeatIndex(40)])
        },
        .operators { client, _ in
            UnblockSeats(operation: client.key(), performance: date, seats: [SeatIndex(40)])
        },
        .operators("unknownReservation") { client, _ in
            Refund(operation: client.key(), reservation: ReservationID(99))
        },
        .operators("unknownMember") { client, _ in
            SetPassword(operation: client.key(), name: "nobody", password: Secret("correct horse"))
        },
        .operators { client, _ in SetRoom(operation: client.key(), concert: concert) },
        .operators { _, _ in GetRoom(concert: concert) },
        .operators { _, _ in GetFigures() },
        .operators("unknownMember") { client, _ in
            RemoveMember(operation: client.key(), concert: concert, name: "nobody", reason: "no reason", bar: false)
        },
        .operators("unknownMember") { client, _ in
            AllowMember(operation: client.key(), concert: concert, name: "nobody", reason: "no reason")
        },
        .operators { _, _ in GetRoomChanges(concert: concert, before: RoomChangeID(0), limit: 1) },
        .operators("notRehearsal") { _, _ in MakeRehearsalMembers(count: 1, points: Points(1)) },
        Row("loginRequired", "notAllowed", "notAllowed", "notAllowed", "ok") { client, _ in
            MakeOperator(operation: client.key(), name: "new 1")
        },
        Row("loginRequired", "notAllowed", "notAllowed", "notAllowed", "badRequest") { _, _ in Backup(path: "nowhere")
        },
        // Last, as who asks is somebody else from here on.
        .members { _, _ in LogOut() },
        .everybody { _, _ in LogIn(name: "member", password: Secret("correct horse"), device: "") },
    ]

    @Test func everyRequestIsForThoseItIsFor() async throws {
        let office = try TestOffice()
        let local = try office.local()
        let operators = try office.operatorClient()
        try operators.importHall()
        let member = try office.member("member")
        let other = try office.member("other")
        for (seats, isPaid) in [([0], true), ([1], false), ([2], false)] as [([UInt32], Bool)] {
            _ = try member.ok(JoinQueue(operation: member.key(), concert: Self.concert))
            if isPaid { _ = try member.ok(Charge(operation: member.key(), amount: Points(1_000))) }
            let hold = Hold(operation: member.key(), performance: Self.date, seats: seats.map { SeatIndex($0) })
            let reservation = try member.ok(hold).reservation.reservation
            if isPaid { _ = try member.ok(Pay(operation: member.key(), reservation: reservation)) }
        }
        let guest = try office.guest()
        // A request of the schema that has no row is a failure.
        let asked = Self.rows.map { type(of: $0.message(guest, 0)).opcode }
        #expect(Set(asked) == Set(Opcode.allCases.filter { $0.access != nil }))
        #expect(asked.count == Set(asked).count)
        for row in Self.rows {
            let askers: [(who: String, client: RawClient, expected: String)] = [
                ("a guest", guest, row.guest), ("another member", other, row.other),
                ("an operator", operators, row.operators), ("the local socket", local, row.local),
                ("the member", member, row.member),
            ]
            for (number, asker) in askers.enumerated() {
                let message = row.message(asker.client, number)
                let frame = try asker.client.answer(to: try asker.client.request(message))
                let outcome = frame.kind == .error ? try decoded(Refusal.self, frame).code.name : "ok"
                #expect(outcome == asker.expected, "\(type(of: message).opcode.name) by \(asker.who)")
            }
        }
        await office.stop()
    }

    /// What is a member's own is that member's in every list too.
    @Test func nobodySeesAnothersPast() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall()
        let member = try office.member("member")
        _ = try member.ok(JoinQueue(operation: member.key(), concert: Self.concert))
        _ = try member.ok(Charge(operation: member.key(), amount: Points(1_000)))
        let hold = Hold(operation: member.key(), performance: Self.date, seats: [SeatIndex(0)])
        let reservation = try member.ok(hold).reservation.reservation
        _ = try member.ok(Pay(operation: member.key(), reservation: reservation))
        for client in [try office.member("other"), try office.back("operator")] {
            #expect(try client.ok(GetLedger(before: LedgerEntryID(0), limit: 9)).entries.isEmpty)
            #expect(try client.ok(GetReservations(before: ReservationID(0), limit: 9)).reservations.isEmpty)
            #expect(try client.ok(GetPayments(before: PaymentID(0), limit: 9)).payments.isEmpty)
            _ = try client.ok(SubscribeNotices())
            _ = try client.push(.replayed)
            _ = try member.ok(Charge(operation: member.key(), amount: Points(1)))
            #expect(try client.ok(GetBalance()).balance == Points(0))
            #expect(client.pushes.allSatisfy { $0.kind != .notice })
        }
        #expect(try member.ok(GetLedger(before: LedgerEntryID(0), limit: 9)).entries.count == 4)
        await office.stop()
    }
}
