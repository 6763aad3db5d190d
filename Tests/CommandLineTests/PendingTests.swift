import BoxOfficeClient
import Foundation
import Testing

@testable import BoxOfficeCommandLine

@Suite struct PendingTests {
    private let charge = Charge(operation: key(1), amount: 500)
    private var operation: PendingOperation {
        PendingOperation(key: key(1), opcode: .charge, body: charge.encoded)
    }

    @Test func aChangeIsThereUntilItIsSettled() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        let log = PendingLog(store)
        log.begin(PendingLog.Origin(command: "charge 500", member: MemberID(7)))
        try log.operationWillBegin(operation)
        try log.operationWillBegin(operation)  // a second attempt of the same
        let kept = try store.load().pending
        #expect(kept.count == 1)
        #expect(kept.first?.operation == operation)
        #expect(kept.first?.command == "charge 500")
        #expect(kept.first?.member == 7)
        log.operationDidSettle(key(1))
        #expect(try store.load().pending.isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: store.directory).allSatisfy {
                !$0.hasSuffix(".inflight")
            })
    }

    @Test func whatALivingProcessWaitsForIsNotSettledByAnother() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        let first = PendingLog(store)
        try first.operationWillBegin(operation)
        let change = try #require(try store.load().pending.first)
        let second = PendingLog(store)
        #expect(try !second.resume(change))
        first.release()  // as when its process ends
        #expect(try second.resume(change))
        #expect(try !PendingLog(store).resume(change), "one at a time")
        second.settled(key(1))
        #expect(try store.load().pending.isEmpty)
        #expect(try !PendingLog(store).resume(change), "there is nothing left to settle")
    }

    @Test func anAnswerToAResumedChangeIsJudgedElsewhere() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        let first = PendingLog(store)
        try first.operationWillBegin(operation)
        first.release()
        let log = PendingLog(store)
        #expect(try log.resume(#require(try store.load().pending.first)))
        log.operationDidSettle(key(1))  // the library takes a refusal for the last word; here it may not be
        #expect(try store.load().pending.count == 1)
    }

    @Test func passwordsAreNotKept() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        let log = PendingLog(store)
        let requests: [(Opcode, [UInt8])] = [
            (.signUp, SignUp(operation: key(1), name: "ann", password: Secret("hunter22")).encoded),
            (
                .changePassword,
                ChangePassword(operation: key(2), oldPassword: Secret("hunter22"), newPassword: Secret("hunter23"))
                    .encoded
            ),
            (.setPassword, SetPassword(operation: key(3), name: "bob", password: Secret("hunter24")).encoded),
        ]
        for (index, request) in requests.enumerated() {
            try log.operationWillBegin(
                PendingOperation(key: key(UInt64(index + 1)), opcode: request.0, body: request.1))
        }
        let kept = try store.load().pending
        #expect(kept.count == 3)
        for change in kept {
            let body = try #require(change.operation).body
            #expect(!String(decoding: body, as: UTF8.self).contains("hunter"))
            #expect(!change.body.contains(hexadecimal("hunter2".utf8)))
        }
        let again = SignUp(operation: key(1), name: "ann", password: Secret("another one"))
        #expect(kept[0].isSame(as: again), "the same sign-up, whatever the password")
        #expect(kept[0].member == nil)
    }

    @Test func sameMeansSameContents() {
        let change = pending(charge, key(1))
        #expect(change.isSame(as: Charge(operation: key(1), amount: 500)))
        #expect(!change.isSame(as: Charge(operation: key(1), amount: 501)))
        #expect(!change.isSame(as: Release(operation: key(1), reservation: 500)))
        let hold = pending(Hold(operation: key(2), performance: 1, seats: [1, 2]), key(2))
        #expect(hold.isSame(as: Hold(operation: key(2), performance: 1, seats: [1, 2])))
        #expect(!hold.isSame(as: Hold(operation: key(2), performance: 1, seats: [2, 1])))
    }

    @Test func whatCannotBeWrittenDownIsNotSent() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        try store.change { $0.name = "ann" }
        try Data("broken".utf8).write(to: URL(fileURLWithPath: store.path))
        let log = PendingLog(store)
        #expect(throws: (any Error).self) { try log.operationWillBegin(operation) }
    }
}
