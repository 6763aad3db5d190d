import BoxOfficeProtocol
import Testing

/// Every request, by everybody who may and may not send it.
@Suite struct RoleTests {
    /// Each request once, with arguments that are in range; `key` is fresh.
    static func all(_ key: () -> OperationKey) -> [any RequestMessage] {
        let digest = Digest(hashing: [1])
        return [
            SignUp(operation: key(), name: "newcomer", password: Secret("correct horse")),
            GetConcerts(after: ConcertID(0), limit: 1), GetPerformances(concert: ConcertID(1)),
            GetPerformance(performance: PerformanceID(1)), GetHall(performance: PerformanceID(1), fromRow: 0),
            FindSeats(performance: PerformanceID(1), labels: ["1-1"]), GetSeatMap(performance: PerformanceID(1)),
            WatchSeats(performance: PerformanceID(1)), UnwatchSeats(performance: PerformanceID(1)),
            WhoAmI(),
            Charge(operation: key(), amount: Points(1)), GetBalance(), GetLedger(before: LedgerEntryID(0), limit: 1),
            JoinQueue(operation: key(), concert: ConcertID(1)), GetPlace(concert: ConcertID(1)),
            WatchPlace(concert: ConcertID(1)), LeaveQueue(operation: key(), concert: ConcertID(1)),
            Hold(operation: key(), performance: PerformanceID(1), seats: [SeatIndex(0)]),
            Release(operation: key(), reservation: ReservationID(1)),
            Pay(operation: key(), reservation: ReservationID(1)),
            GetReservation(reservation: ReservationID(1)), GetReservations(before: ReservationID(0), limit: 1),
            GetPayments(before: PaymentID(0), limit: 1), SubscribeNotices(), UnsubscribeNotices(),
            ChangePassword(
                operation: key(), oldPassword: Secret("correct horse"), newPassword: Secret("correct horse")),
            BeginUpload(kind: .plan, sizeBytes: 1, digest: digest),
            UploadPart(upload: UploadID(99), offset: 0, bytes: [1]),
            CommitUpload(operation: key(), upload: UploadID(99)),
            GetPlans(), ExportPlan(plan: PlanID(1), offset: 0),
            BlockSeats(operation: key(), performance: PerformanceID(1), seats: [SeatIndex(40)]),
            UnblockSeats(operation: key(), performance: PerformanceID(1), seats: [SeatIndex(40)]),
            Refund(operation: key(), reservation: ReservationID(99)),
            SetPassword(operation: key(), name: "nobody", password: Secret("correct horse")),
            SetRoom(operation: key(), concert: ConcertID(1)), GetRoom(concert: ConcertID(1)), GetFigures(),
            RemoveMember(
                operation: key(), concert: ConcertID(1), name: "nobody", reason: "no reason", bar: false),
            AllowMember(operation: key(), concert: ConcertID(1), name: "nobody", reason: "no reason"),
            GetRoomChanges(concert: ConcertID(1), before: RoomChangeID(0), limit: 1), GetDraw(concert: ConcertID(1)),
            MakeOperator(operation: key(), name: "member"),
            // Last, as who asks is somebody else from here on.
            LogOut(), LogIn(name: "member", password: Secret("correct horse"), device: ""),
        ]
    }

    @Test func everyRequestIsForThoseItIsFor() async throws {
        let office = try TestOffice()
        let local = try office.local()
        let operators = try office.operatorClient()
        try operators.importHall()
        let clients: [(who: Access, client: RawClient)] = [
            (.guest, try office.guest()), (.member, try office.member("member")), (.operator, operators),
            (.local, local),
        ]
        #expect(
            Set(Self.all(local.key).map { type(of: $0).opcode }) == Set(Opcode.allCases.filter { $0.access != nil }))
        for (who, client) in clients {
            for message in Self.all(client.key) {
                let opcode = type(of: message).opcode
                let frame = try client.answer(to: try client.request(message))
                let code = frame.kind == .error ? try decoded(Refusal.self, frame).code : nil
                #expect(Self.isExpected(code, opcode, who), "\(opcode.name) by \(who): \(code?.name ?? "answered")")
            }
        }
        await office.stop()
    }

    /// Whether the role, and nothing else, decides as it should.
    static func isExpected(_ code: RefusalCode?, _ opcode: Opcode, _ who: Access) -> Bool {
        guard let access = opcode.access else { return false }
        let roles: [RefusalCode] = [.loginRequired, .notAllowed]
        switch (who, access) {
        case (_, .guest), (.member, .member), (.operator, .member), (.operator, .operator), (.local, .operator),
            (.local, .local):
            return code.map { !roles.contains($0) } ?? true
        case (.guest, _): return code == .loginRequired
        case (.member, _), (.operator, _): return code == .notAllowed
        case (.local, .member): return opcode == .getBalance ? code == .badRequest : code == .notAllowed
        }
    }
}
