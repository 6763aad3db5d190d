// Calls over a real socket: their ends by refusal, time and cancellation, and what an observer is told.

import Foundation
import Testing

@testable import BoxOfficeClient

@Suite struct CallTests {
    @Test("a refusal arrives with all it says")
    func refusals() async throws {
        let refusal = Refusal(
            code: .unknownSeat, outcome: .notExecuted, retry: .never, retryAfterMilliseconds: 0, message: "Which?",
            seats: [SeatIndex(3)], labels: ["A-1", "가-2"], path: "seats[0]")
        let server = try FakeServer { connection, frame in connection.refuse(frame, refusal) }
        try await withClient(server.configuration()) { office in
            let error = await failure { try await office.findSeats(["A-1"], at: PerformanceID(1)) }
            #expect(error?.code == .unknownSeat && error?.name == "unknownSeat" && error?.message == "Which?")
            #expect(error?.outcome == .notExecuted && error?.retry == .never && error?.retryAfter == nil)
            #expect(error?.seats == [SeatIndex(3)] && error?.labels == ["A-1", "가-2"] && error?.path == "seats[0]")
        }
    }

    @Test func manyNamesOfAGuestGoInSeveralRequests() async throws {
        let names = (0..<300).map { "Balcony-\($0)" }
        let server = try FakeServer { connection, frame in
            guard let asked = try? FindSeats(body: frame.body.span) else { return }
            let seats = asked.labels.compactMap { UInt32($0.dropFirst(8)) }.map { SeatIndex($0) }
            connection.answer(frame, .seatsFound(SeatsFound(seats: seats)))
        }
        try await withClient(server.configuration()) { office in
            let seats = try await office.findSeats(names, at: PerformanceID(1))
            #expect(seats.map(\.rawValue) == Array(0..<300))
        }
        let requests = server.requests(.findSeats)
        #expect(requests.count > 1)
        #expect(requests.allSatisfy { $0.body.count <= WireLimits.frameBytesMaxBeforeLogin })
    }

    @Test func cancellingATaskEndsItsCallAlone() async throws {
        let held = Locked<InboundFrame?>(nil)
        let server = try FakeServer { connection, frame in
            if frame.opcode == Opcode.getLedger.rawValue { return held.withLock { $0 = frame } }
            if frame.kind == .cancel, let request = held.withLock({ $0 }) {
                #expect(frame.id == request.id)
                return connection.refuse(request, Refusal(.cancelled))
            }
            connection.answersBasics(frame)
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let call = Task { try await office.ledgerPage() }
            try await eventually("the request") { held.withLock { $0 } != nil }
            call.cancel()
            let error = await failure { try await call.value }
            #expect(error?.code == .cancelled)
            let balance = try await office.balance()
            #expect(balance.balance == Points(1))
            try await eventually("the cancel frame") { server.now.frames.contains { $0.frame.kind == .cancel } }
        }
        // A task that is cancelled before it calls.
        let office = BoxOffice(server.configuration())
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await office.balance()
        }
        let error = await failure { try await early.value }
        #expect(error?.code == .cancelled)
    }

    @Test("a timeout covers the wait for a connection too")
    func timeouts() async throws {
        let server = try FakeServer { _, _ in }
        try await withClient(server.configuration()) { office in
            let error = await failure { try await office.perform(GetBalance(), timeout: .milliseconds(50)) }
            #expect(error?.name == "timeout" && error?.code == nil)
        }
        server.stop()
        try await withClient(server.configuration()) { office in
            let error = await failure { try await office.perform(GetBalance(), timeout: .milliseconds(50)) }
            #expect(["connectFailed", "timeout"].contains(error?.name))
        }
        var impatient = server.configuration()
        impatient.retriesFirstConnection = false
        let error = await failure { try await withBoxOffice(impatient) { _ in } }
        #expect(error?.name == "connectFailed")
    }

    @Test func nothingWorksAfterTheEnd() async throws {
        let server = try FakeServer { connection, frame in connection.answersBasics(frame) }
        let office = BoxOffice(server.configuration())
        let run = Task { await office.run() }
        try await office.connected()
        let waiting = Task { try await office.ledgerPage() }
        try await eventually("the request") { !server.requests(.getLedger).isEmpty }
        await office.close()
        await run.value
        for error in [await failure { try await waiting.value }, await failure { try await office.balance() }] {
            #expect(error?.name == "closed")
        }
        var last: ConnectionState?
        for await state in office.states() { last = state }
        #expect(last == .closed(nil))
        try await eventually("the connection is closed") { server.now.ended.count == 1 }
    }

    @Test func cancellingRunCloses() async throws {
        let server = try FakeServer { connection, frame in connection.answersBasics(frame) }
        let office = BoxOffice(server.configuration())
        let run = Task { await office.run() }
        try await office.connected()
        run.cancel()
        await run.value
        let error = await failure { try await office.balance() }
        #expect(error?.name == "closed")
    }
}

@Suite struct ObserverTests {
    final class Notebook: OperationObserver {
        let begun = Locked<[PendingOperation]>([])
        let settled = Locked<[OperationKey]>([])
        let isFull: Bool

        init(isFull: Bool = false) { self.isFull = isFull }

        func operationWillBegin(_ operation: PendingOperation) throws {
            if isFull { throw CancellationError() }
            begun.withLock { $0.append(operation) }
        }
        func operationDidSettle(_ key: OperationKey) { settled.withLock { $0.append(key) } }
    }

    @Test func aChangeIsWrittenDownAndSettledLaterByAnotherClient() async throws {
        let notebook = Notebook()
        let silent = try FakeServer { connection, frame in
            if frame.opcode != Opcode.charge.rawValue { connection.answersBasics(frame) }
        }
        var configuration = silent.configuration(annByPassword)
        configuration.operationObserver = notebook
        try await withClient(configuration) { office in
            let request = Charge(operation: try await office.newOperationKey(), amount: Points(9))
            let error = await failure { try await office.perform(request, timeout: .milliseconds(50)) }
            #expect(error?.outcome == .undetermined && error?.retry == .sameKey)
            #expect(notebook.settled.withLock { $0 } == [])
        }
        let kept = try #require(notebook.begun.withLock { $0.first })
        #expect(kept.opcode == .charge && !kept.containsSecret)

        let server = try FakeServer { connection, frame in
            if connection.answersBasics(frame) { return }
            connection.answer(
                frame,
                .charged(Charged(entry: LedgerEntryID(1), amount: Points(9), balance: Points(9), at: FakeServer.now)),
                replayed: true)
        }
        configuration.address = server.server
        try await withClient(configuration) { office in
            let response = try await office.perform(kept.opcode, body: kept.body)
            #expect(response.isReplayed)
            guard case .charged(let charged) = try response.decoded() else {
                Issue.record("another answer")
                return
            }
            #expect(charged.amount == Points(9))
        }
        #expect(server.requests(.charge).map(\.body) == [kept.body])
        #expect(notebook.settled.withLock { $0 } == [kept.key])
    }

    @Test func refusalsSettleAndWhatCannotBeWrittenDownIsNotSent() async throws {
        let server = try FakeServer { connection, frame in
            if !connection.answersBasics(frame) { connection.refuse(frame, Refusal(.badAmount)) }
        }
        let notebook = Notebook()
        var configuration = server.configuration(annByPassword)
        configuration.operationObserver = notebook
        try await withClient(configuration) { office in
            _ = await failure { try await office.charge(Points(-1)) }
            _ = try await office.balance()
        }
        #expect(notebook.begun.withLock { $0.map(\.key) } == notebook.settled.withLock { $0 })
        #expect(notebook.begun.withLock { $0.count } == 1)

        configuration.operationObserver = Notebook(isFull: true)
        try await withClient(configuration) { office in
            let error = await failure { try await office.charge(Points(5)) }
            #expect(error?.name == "notRecorded")
        }
        #expect(server.requests(.charge).count == 1)
    }
}

@Suite struct UploadTests {
    @Test("a file goes in parts, and from its beginning under the same key after a lost connection")
    func upload() async throws {
        let file = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .beginUpload:
                connection.sentThrough = 0
                connection.answer(frame, .uploadBegun(UploadBegun(upload: UploadID(UInt64(connection.number)))))
            case .uploadPart:
                guard let part = try? UploadPart(body: frame.body.span) else { return }
                #expect(Array(file[Int(part.offset)..<Int(part.offset) + part.bytes.count]) == part.bytes)
                connection.sentThrough += UInt64(part.bytes.count)
                if connection.number == 0, part.offset > 0 { return connection.reset() }
                connection.answer(
                    frame, .uploadProgress(UploadProgress(receivedBytes: UInt32(connection.sentThrough))))
            case .commitUpload:
                if connection.number == 1 { return connection.reset() }
                connection.answer(frame, .imported(Imported(seats: 12, concerts: [], plan: PlanID(4))))
            default: connection.answersBasics(frame)
            }
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let imported = try await office.upload(.plan, bytes: file)
            #expect(imported.plan == PlanID(4))
        }
        let commits = server.requests(.commitUpload).compactMap { frame in
            let body = frame.body
            return try? CommitUpload(body: body.span)
        }
        #expect(commits.map(\.upload) == [UploadID(1), UploadID(2)])
        #expect(Set(commits.map(\.operation)).count == 1)
        let begin = try #require(server.requests(.beginUpload).first)
        let body = begin.body
        let begun = try BeginUpload(body: body.span)
        #expect(begun.sizeBytes == 100_000)
    }

    @Test func digestsAreSHA256() {
        let abc = Digest(hashing: Array("abc".utf8))
        #expect("\(abc)" == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
