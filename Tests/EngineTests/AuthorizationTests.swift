import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

/// Who may send what, written down once more by hand: a table that does not come from the schema.
@Suite("Authorization")
struct AuthorizationTests {
    private static let guests: Set<Opcode> = [
        .signUp, .logIn, .getConcerts, .getPerformances, .getPerformance, .getHall, .findSeats, .getSeatMap,
        .watchSeats, .unwatchSeats, .getDraw,
    ]
    private static let members: Set<Opcode> = [
        .logOut, .whoAmI, .changePassword, .charge, .getBalance, .getLedger, .joinQueue, .getPlace, .leaveQueue,
        .watchPlace, .hold, .release, .pay, .getReservation, .getReservations, .getPayments, .subscribeNotices,
        .unsubscribeNotices,
    ]
    private static let operators: Set<Opcode> = [
        .beginUpload, .uploadPart, .commitUpload, .getPlans, .exportPlan, .blockSeats, .unblockSeats, .refund,
        .setPassword, .setRoom, .getRoom, .getFigures, .removeMember, .allowMember, .getRoomChanges,
        .makeRehearsalMembers,
    ]
    private static let local: Set<Opcode> = [.makeOperator, .backup]

    @Test("every request for every actor", arguments: Opcode.allCases)
    func table(opcode: Opcode) {
        let member = Actor.member(MemberID(1), session: SessionID(1))
        // guest, member, operator, local
        let expected: [RefusalCode?] =
            if Self.guests.contains(opcode) {
                [nil, nil, nil, nil]
            } else if opcode == .getBalance {
                [.loginRequired, nil, nil, nil]
            } else if Self.members.contains(opcode) {
                [.loginRequired, nil, nil, .notAllowed]
            } else if Self.operators.contains(opcode) {
                [.loginRequired, .notAllowed, nil, nil]
            } else if Self.local.contains(opcode) {
                [.loginRequired, .notAllowed, .notAllowed, nil]
            } else {
                [.unsupported, .unsupported, .unsupported, .unsupported]
            }
        let actors: [(Actor, Bool)] = [(.guest, false), (member, false), (member, true), (.local, false)]
        for ((actor, isOperator), code) in zip(actors, expected) {
            let refusal = Authorization.refusal(for: opcode, by: actor, isOperator: isOperator)
            #expect(refusal?.code == code, "\(opcode.name) by \(actor), operator \(isOperator)")
        }
    }

    @Test("the table has every request, and no notice or update")
    func complete() {
        let requests = Opcode.allCases.filter { $0.rawValue < 1024 }
        #expect(Set(requests) == Self.guests.union(Self.members).union(Self.operators).union(Self.local))
    }

    @Test("the engine asks this table before anything else but the arguments")
    func decides() {
        var sale = Sale()
        sale.member("ann")
        let room = Request.setRoom(SetRoom(operation: sale.key(), concert: ConcertID(9)))
        #expect(sale.word(sale.decide(.guest, .request(room))) == "loginRequired")
        #expect(sale.word(sale.ask("ann", room)) == "notAllowed")
        #expect(sale.operate(room) == "unknownConcert")
        let badRoom = Request.setRoom(SetRoom(operation: sale.key(), concert: ConcertID(9), capacity: .max))
        #expect(sale.word(sale.decide(.guest, .request(badRoom))) == "badRequest")
        let join = Request.joinQueue(JoinQueue(operation: sale.key(), concert: Sale.concert))
        #expect(sale.operate(join) == "notAllowed")
        #expect(sale.word(sale.decide(.guest, .request(join))) == "loginRequired")
    }

    @Test("what the server answers itself is unsupported here, not a trap", arguments: Opcode.allCases)
    func serversOwn(opcode: Opcode) {
        var sale = Sale()
        sale.member("ann")
        // A body of zeros decodes as most requests; what it asks for does not matter.
        for count in 0...64 {
            let zeros = [UInt8](repeating: 0, count: count)
            guard let request = try? Request.decode(opcode, body: zeros.span) else { continue }
            for actor in [Actor.guest, .local, .member(sale.members["ann"]!, session: sale.sessions["ann"]!)] {
                _ = sale.decide(actor, .request(request))
            }
            #expect(sale.engine.brokenInvariant() == nil)
        }
    }
}
