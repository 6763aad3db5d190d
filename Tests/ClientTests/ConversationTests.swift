// Whole conversations with a scripted server: greeting, requests, and what a lost connection does to them.

import BoxOfficeTransport
import Foundation
import Testing

@testable import BoxOfficeClient

@Suite struct ConversationTests {
    let ann = Credentials.password(name: "ann", password: "secret-of-ann")

    @Test func aGuestIsWelcomedAndAsks() async throws {
        let server = try FakeServer { connection, frame in
            connection.answer(
                frame,
                .concertPage(
                    ConcertPage(
                        concerts: [
                            Concert(concert: ConcertID(1), title: "봄밤", artists: [], description: "", performances: 1)
                        ],
                        more: false)))
        }
        let titles = try await withBoxOffice(server.configuration()) { office in
            #expect(office.account == nil)
            #expect(office.deployment == FakeServer.deployment)
            #expect(office.limits == FakeServer.limits)
            let ahead = (try #require(office.serverNow) - FakeServer.now).count
            #expect((0..<60_000_000).contains(ahead))
            return try await office.concerts().map(\.title)
        }
        #expect(titles == ["봄밤"])
        let hello = try #require(server.now.hellos.first)
        #expect(hello.magic == WireLimits.magic && hello.major == 1 && hello.client == "tests" && hello.session == nil)
    }

    @Test func aPasswordLogsInBeforeAnythingElse() async throws {
        let server = try FakeServer { connection, frame in connection.answersBasics(frame) }
        try await withBoxOffice(server.configuration(ann)) { office in
            #expect(office.account == FakeServer.ann)
            #expect(office.session == FakeServer.token)
            _ = try await office.balance()
        }
        let kinds = server.now.frames.map { Opcode(rawValue: $0.frame.opcode) }
        #expect(kinds == [.logIn, .getBalance])
        #expect(server.now.hellos.count == 1)
    }

    @Test func aTokenResumesAndAnEndedOneIsFatal() async throws {
        let server = try FakeServer { connection, frame in connection.answersBasics(frame) }
        try await withBoxOffice(server.configuration(.session(FakeServer.token))) { office in
            #expect(office.account == FakeServer.ann)
        }
        let other = SessionToken(Bytes32(first: Bytes16(high: 9, low: 9), second: Bytes16(high: 9, low: 9)))
        let error = await failure {
            try await withBoxOffice(server.configuration(.session(other))) { _ in }
        }
        #expect(error?.code == .loginRequired)
    }

    @Test func aHundredCallsAreInFlightTogetherAndAnswersMayComeInAnyOrder() async throws {
        let waiting = Locked<[InboundFrame]>([])
        // Answers in batches of 32, the newest first.
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.getBalance.rawValue else { return }
            let batch = waiting.withLock { waiting in
                waiting.append(frame)
                guard waiting.count == 32 else { return [InboundFrame]() }
                defer { waiting = [] }
                return waiting
            }
            for request in batch.reversed() {
                let asked = try? GetBalance(body: request.body.span)
                let member = asked?.member ?? MemberID(0)
                let balance = Balance(member: member, balance: Points(Int64(member.rawValue) * 2))
                connection.answer(request, .balance(balance))
            }
        }
        try await withClient(server.configuration()) { office in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...128 as ClosedRange<UInt64> {
                    group.addTask {
                        let balance = try await office.balance(of: MemberID(number))
                        #expect(balance.balance == Points(Int64(number) * 2))
                    }
                }
                try await group.waitForAll()
            }
        }
        let numbers = server.requests(.getBalance).map(\.id)
        #expect(numbers == Array(1...128))
    }

    @Test func noMoreThanTheLimitAreInFlight() async throws {
        let server = try FakeServer(greet: { connection, hello in
            var limits = FakeServer.limits
            limits.requestsInFlightMax = 3
            connection.welcome(hello, limits: limits)
        }) { _, _ in }
        try await withClient(server.configuration()) { office in
            let calls = (0..<10).map { _ in Task { try await office.balance() } }
            try await eventually("three requests") { server.requests(.getBalance).count == 3 }
            try await Task.sleep(for: .milliseconds(50))
            #expect(server.requests(.getBalance).count == 3)
            for call in calls { call.cancel() }
        }
    }

    @Test func aChangeIsSentAgainUnderItsKeyAfterALostConnection() async throws {
        // The first connection dies with the request unanswered, the second answers from the store.
        let server = try FakeServer { connection, frame in
            if connection.answersBasics(frame) { return }
            if connection.number < 2 { return connection.reset() }
            connection.answer(
                frame,
                .charged(
                    Charged(entry: LedgerEntryID(5), amount: Points(50), balance: Points(50), at: FakeServer.now)),
                replayed: true)
        }
        try await withClient(server.configuration(ann)) { office in
            let charged = try await office.charge(Points(50))
            #expect(charged.entry == LedgerEntryID(5))
        }
        let charges = server.requests(.charge)
        #expect(charges.count == 3)
        #expect(Set(charges.map(\.body)).count == 1)
        #expect(Set(server.now.hellos.map(\.instance)).count == 1)
        #expect(server.now.hellos.map(\.session) == [nil, FakeServer.token, FakeServer.token])
        #expect(server.requests(.logIn).count == 1)
        let body = charges[0].body
        let charge = try Charge(body: body.span)
        let stamp = try #require(charge.operation.stampedAt)
        #expect((stamp - FakeServer.now).count < 60_000_000 && (FakeServer.now - stamp).count < 1_000_000)
    }

    @Test func callsWaitForAServerThatIsAwayAndStatesTellWhy() async throws {
        let server = try FakeServer { connection, frame in connection.answersBasics(frame) }
        try await withClient(server.configuration(ann)) { office in
            _ = try await office.balance()
            server.kill()
            var waited = false
            for await state in office.states() {
                guard case .waiting(_, let why) = state else { continue }
                #expect(["connectionLost", "connectFailed"].contains(why.name))
                waited = true
                break
            }
            #expect(waited)
            let call = Task { try await office.balance() }
            try await Task.sleep(for: .milliseconds(20))
            try server.listen()
            #expect(try await call.value.balance == Points(1))
            #expect(server.now.hellos.last?.session == FakeServer.token)
        }
    }

    @Test func aSessionThatIsNotResumedIsBegunAnewWithThePassword() async throws {
        let greetings = Locked(0)
        let server = try FakeServer(greet: { connection, hello in
            let isFirst = greetings.withLock { count in
                count += 1
                return count == 1
            }
            connection.welcome(hello, knowsSessions: isFirst)
        }) { connection, frame in
            if frame.opcode == Opcode.getBalance.rawValue, connection.number == 0 { return connection.reset() }
            connection.answersBasics(frame)
        }
        try await withClient(server.configuration(ann)) { office in
            let balance = try await office.balance()
            #expect(balance.balance == Points(1))
        }
        #expect(server.requests(.logIn).count == 2)
    }

    @Test func goAwayIsHonouredAndWhatWasNotTakenIsSentAgain() async throws {
        // Takes request 1, says goodbye, answers it, and closes; request 2 comes again on the next connection.
        let held = Locked<[InboundFrame]>([])
        let server = try FakeServer { connection, frame in
            guard frame.kind == .request else { return }
            guard connection.number == 0 else { return _ = connection.answersBasics(frame) }
            let both = held.withLock { held in
                held.append(frame)
                return held
            }
            guard both.count == 2 else { return }
            let goAway = GoAway(reason: .shuttingDown, retryAfterMilliseconds: 30, message: "restarting")
            connection.send(Frame.goAway(goAway, lastRequest: both[0].id))
            connection.answersBasics(both[0])
        }
        try await withClient(server.configuration()) { office in
            let began = ContinuousClock.now
            async let first = office.balance()
            async let second = office.balance()
            _ = try await (first, second)
            #expect(ContinuousClock.now - began >= .milliseconds(30))
        }
        #expect(server.requests(.getBalance).count == 3)
        #expect(server.now.connections.count == 2)
    }

    @Test func aSessionEndedElsewhereIsRenewedWithAPasswordAndFatalWithout() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.getBalance.rawValue, connection.number == 0 || connection.number == 2 else {
                return _ = connection.answersBasics(frame)
            }
            let goAway = GoAway(reason: .sessionEnded, retryAfterMilliseconds: 0, message: "password changed")
            connection.send(Frame.goAway(goAway, lastRequest: frame.id - 1))
        }
        try await withClient(server.configuration(ann)) { office in
            _ = try await office.balance()
        }
        #expect(server.now.hellos.map(\.session) == [nil, nil])
        try await withClient(server.configuration(.session(FakeServer.token))) { office in
            let error = await failure { try await office.balance() }
            #expect(error?.code == .loginRequired && error?.message == "password changed")
            let again = await failure { try await office.balance() }
            #expect(again?.code == .loginRequired)
        }
    }

    @Test func loginRequiredOnALiveConnectionRenewsTheSessionOnce() async throws {
        let server = try FakeServer { connection, frame in
            if frame.opcode == Opcode.getBalance.rawValue, connection.number == 0 {
                return connection.refuse(frame, Refusal(.loginRequired))
            }
            connection.answersBasics(frame)
        }
        try await withClient(server.configuration(ann)) { office in
            let balance = try await office.balance()
            #expect(balance.balance == Points(1))
        }
        #expect(server.requests(.logIn).count == 2)
    }
}
