import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Sessions")
struct SessionTests {
    private let day: Int64 = 86_400

    @Test("eight sessions a member; the ninth ends the one unused the longest")
    func eight() {
        var sale = Sale()
        sale.member("ann", connected: false)
        var tokens: [UInt64] = []
        for token in UInt64(1)...7 {
            sale.wait(.seconds(1_000))
            #expect(sale.logIn("ann", token: token) != nil)
            tokens.append(token)
        }
        #expect(sale.endedSessions == [])
        // Using one again makes another the oldest.
        sale.wait(.seconds(1_000))
        let first = sale.sessions["ann"]!
        _ = sale.resume(token: 1)
        #expect(sale.logIn("ann", token: 8) != nil)
        #expect(sale.endedSessions == [first])
        #expect(sale.logIn("ann", token: 9) != nil)
        #expect(sale.resume(token: 2) == nil)
        #expect([1, 3, 4, 5, 6, 7, 8, 9].allSatisfy { sale.resume(token: $0) != nil })
    }

    @Test("a session with a connection is in use, however long ago it was opened")
    func connectedIsInUse() {
        var sale = Sale()
        sale.member("ann")
        sale.wait(.seconds(10_000))
        for token in UInt64(1)...7 { _ = sale.logIn("ann", token: token) }
        let unused = sale.resume(token: 1)
        _ = sale.logIn("ann", token: 8)
        #expect(sale.endedSessions == [unused])
        #expect(sale.word(sale.ask("ann", .getBalance(GetBalance()))) == "balance 0")
    }

    @Test("unused for a day it ends, to the microsecond")
    func idle() {
        for (late, isAlive) in [(Int64(-1), true), (0, false)] {
            var sale = Sale()
            sale.member("ann", connected: false)
            _ = sale.logIn("ann", token: 1)
            sale.wait(.seconds(day) + Microseconds(late))
            #expect((sale.resume(token: 1) != nil) == isAlive)
        }
    }

    @Test("each use gives it another day, to within ten minutes")
    func used() {
        var sale = Sale()
        sale.member("ann", connected: false)
        let session = sale.logIn("ann", token: 1)
        for _ in 0..<5 {
            sale.wait(.seconds(day - 700))
            #expect(sale.resume(token: 1) == session)
        }
        sale.wait(.seconds(day - 599))
        #expect(sale.resume(token: 1) == session)
    }

    @Test("used twice a day it ends 30 days after its login, to the microsecond")
    func absoluteWithoutConnection() {
        for (late, isAlive) in [(Int64(-1), true), (0, false)] {
            var sale = Sale()
            sale.member("ann", connected: false)
            let session = sale.logIn("ann", token: 1)
            let loggedInAt = sale.now
            for _ in 0..<59 {
                sale.wait(.seconds(day / 2))
                #expect(sale.resume(token: 1) == session)
            }
            sale.now = loggedInAt + .seconds(30 * day) + Microseconds(late)
            #expect((sale.resume(token: 1) != nil) == isAlive)
        }
    }

    @Test("a connection keeps a session, and its end begins the day")
    func connectionKeeps() {
        var sale = Sale()
        sale.member("ann")
        let session = sale.sessions["ann"]!
        sale.wait(.seconds(5 * day))
        #expect(sale.endedSessions == [])
        sale.disconnect("ann")
        sale.wait(.seconds(day - 1))
        #expect(sale.endedSessions == [])
        sale.wait(.seconds(1))
        #expect(sale.endedSessions == [session])
    }

    @Test("a connection keeps a session whatever its idle time is")
    func shortIdleTime() {
        var configuration = EngineConfiguration()
        configuration.sessionIdleSeconds = 10
        var sale = Sale(configuration: configuration)
        sale.member("ann")
        sale.wait(.seconds(1_000))
        #expect(sale.endedSessions == [])
        sale.disconnect("ann")
        sale.wait(.seconds(10))
        #expect(sale.endedSessions.count == 1)
    }

    @Test("after thirty days it ends however much it is used")
    func absolute() {
        var sale = Sale()
        sale.member("ann")
        let end = sale.now + .seconds(30 * day)
        sale.wait(end - sale.now + Microseconds(-1))
        #expect(sale.endedSessions == [])
        sale.wait(Microseconds(1))
        #expect(sale.endedSessions == [sale.sessions["ann"]!])
        // Its connections went with it; that they close changes nothing more.
        sale.disconnect("ann")
        #expect(sale.word(sale.ask("ann", .getBalance(GetBalance()))) == "loginRequired")
    }

    @Test("what comes by a session that has ended is a guest's, also in the same batch")
    func ended() {
        var sale = Sale()
        sale.member("ann", points: 10)
        let password = SetPassword(operation: sale.key(), name: "ann", password: Secret("x"))
        sale.decide(.local, .setPassword(password, nameKey: "ann", passwordHash: "other"))
        #expect(
            sale.word(sale.ask("ann", .charge(Charge(operation: sale.key(), amount: Points(1))))) == "loginRequired")
        // Nor can somebody else's session be used.
        sale.member("bob")
        let mixed = Actor.member(sale.members["ann"]!, session: sale.sessions["bob"]!)
        #expect(sale.word(sale.decide(mixed, .request(.getBalance(GetBalance())))) == "loginRequired")
        #expect(sale.logIn("ann", token: 1) == nil, "the hash that was verified is no longer the member's")
    }

    @Test("a new password ends the other sessions; set by an operator, all")
    func passwords() {
        var sale = Sale()
        sale.member("ann")
        let other = sale.logIn("ann", token: 1)!
        let change = ChangePassword(operation: sale.key(), oldPassword: Secret("x"), newPassword: Secret("y"))
        let actor = Actor.member(sale.members["ann"]!, session: sale.sessions["ann"]!)
        let stale = Command.Action.changePassword(change, verifiedHash: "no longer", passwordHash: "new")
        #expect(sale.word(sale.decide(actor, stale)) == "badCredentials")
        #expect(sale.endedSessions == [])
        let fresh = Command.Action.changePassword(change, verifiedHash: "hash", passwordHash: "new")
        #expect(sale.word(sale.decide(actor, fresh)) == "done")
        #expect(sale.endedSessions == [other])
        #expect(sale.engine.credentials(nameKey: "ann")?.passwordHash == "new")
        #expect(sale.word(sale.decide(actor, fresh)) == "done", "a retry")
        let set = SetPassword(operation: sale.key(), name: "ann", password: Secret("x"))
        #expect(sale.word(sale.decide(.local, .setPassword(set, nameKey: "ann", passwordHash: "newer"))) == "done")
        #expect(sale.endedSessions == [other, sale.sessions["ann"]!])
    }

    @Test("a session that resumes is the same after a restart")
    func restart() {
        var sale = Sale()
        sale.member("ann", connected: false)
        let session = sale.logIn("ann", token: 1)
        sale.restart(after: .seconds(day - 10))
        #expect(sale.resume(token: 1) == session)
        sale.restart(after: .seconds(day))
        #expect(sale.resume(token: 1) == nil)
    }

    @Test("log in and out for ever: no deadline stays behind")
    func noHusks() {
        var sale = Sale()
        sale.member("ann", connected: false)
        for token in UInt64(1)...2_000 {
            sale.now = sale.now + Microseconds(1)
            let session = sale.logIn("ann", token: token)!
            sale.withEngine { $0.logOut(session: session, at: $1, into: &$2) }
        }
        #expect(sale.engine.deadlines.count < 10)
        #expect(sale.engine.deadlines.heapCount < 100)
    }

    @Test("names: taken, whoever asks; credentials of nobody")
    func names() {
        var sale = Sale()
        sale.member("ann")
        let signUp = SignUp(operation: sale.key(), name: "ann", password: Secret("x"))
        #expect(sale.word(sale.decide(.guest, .signUp(signUp, nameKey: "ann", passwordHash: "h"))) == "nameTaken")
        #expect(sale.engine.credentials(nameKey: "bob") == nil)
        #expect(sale.engine.account(of: MemberID(9)) == nil)
        #expect(sale.engine.memberCount == 1)
    }
}
