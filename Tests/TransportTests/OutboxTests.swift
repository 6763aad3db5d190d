import Testing

@testable import BoxOfficeTransport

/// An outbox on a socket that takes so many bytes and then is full.
private struct Wire {
    var outbox: Outbox
    var sent: [UInt8] = []

    init(_ limits: OutboxLimits = .init()) { outbox = Outbox(limits: limits) }

    @discardableResult
    mutating func control(_ text: String) -> Bool { outbox.append(Array(text.utf8), to: .control) }
    @discardableResult
    mutating func notice(_ text: String) -> Bool { outbox.append(Array(text.utf8), to: .notices) }

    /// One gathered write of which the socket takes at most `room`.
    mutating func write(room: Int = .max, updates: String = "") {
        let updates = Array(updates.utf8)
        var taken: [UInt8] = []
        outbox.withGathered(updates: updates) { pieces, byteCount in
            for piece in pieces {
                taken += UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
            }
            #expect(taken.count == byteCount)
        }
        taken = Array(taken.prefix(room))
        outbox.wrote(taken.count, updates: updates)
        sent += taken
    }

    var text: String { String(decoding: sent, as: UTF8.self) }
}

@Suite struct OutboxTests {
    @Test func controlGoesBeforeNoticesBeforeUpdates() {
        var wire = Wire()
        wire.notice("n1 ")
        wire.control("c1 ")
        wire.notice("n2 ")
        wire.control("c2 ")
        wire.write(updates: "u1")
        #expect(wire.text == "c1 c2 n1 n2 u1")
        #expect(wire.outbox.isEmpty && wire.outbox.queuedBytes == 0)
    }

    /// Whatever the socket takes at a time, the same messages arrive whole; what is queued later never enters one.
    @Test(arguments: 1...24)
    func aMessageIsNeverSplitByAnother(room: Int) {
        var wire = Wire()
        wire.control("<c1>")
        wire.notice("<n1>")
        wire.write(room: room, updates: "<u1>")
        wire.control("<c2>")
        wire.notice("<n2>")
        for _ in 0..<24 { wire.write(room: room) }
        let messages = wire.text.split(separator: ">").map { $0 + ">" }
        #expect(messages.sorted() == ["<c1>", "<c2>", "<n1>", "<n2>", "<u1>"])
        #expect(wire.outbox.isEmpty)
    }

    @Test func theRestOfABegunNoticeGoesBeforeControl() {
        var wire = Wire()
        wire.notice("<notice>")
        wire.write(room: 3)
        wire.control("<control>")
        wire.write()
        #expect(wire.text == "<notice><control>")
    }

    @Test func theRestOfABegunUpdateGoesFirstAndAnUnbegunBatchLast() {
        var begun = Wire()
        begun.write(room: 2, updates: "<u1><u2>")
        begun.control("<c1>")
        begun.write()
        #expect(begun.text == "<u1><u2><c1>")

        var unbegun = Wire()
        unbegun.control("<c1>")
        unbegun.write(room: 2, updates: "<u1>")
        #expect(!unbegun.outbox.wantsUpdates)
        unbegun.notice("<n1>")
        unbegun.write()
        #expect(unbegun.text == "<c1><n1><u1>")
    }

    @Test func theHardBoundRefusesWholeMessages() {
        var wire = Wire(OutboxLimits(bytesSoftMax: 4, bytesHardMax: 10))
        let accepted = [wire.control("12345678"), wire.control("901"), wire.notice("90")]
        #expect(accepted == [true, false, true])
        #expect(wire.outbox.queuedBytes == 10)
        wire.write()
        #expect(wire.text == "1234567890")
    }

    @Test func anEmptyOutboxTakesOneMessageOfAnySize() {
        var wire = Wire(OutboxLimits(bytesSoftMax: 4, bytesHardMax: 10))
        let accepted = [wire.control("a reply of more than ten bytes"), wire.control("x")]
        #expect(accepted == [true, false])
    }

    @Test func droppingKeepsOnlyWhatIsOnTheWire() {
        var wire = Wire()
        wire.control("<c1>")
        wire.control("<c2" + String(repeating: " ", count: Outbox.joinedBytesMax) + ">")
        wire.notice("<n1>")
        _ = wire.outbox.mark(UpdateSubject(kind: 1, id: 1))
        wire.write(room: 2)
        wire.outbox.dropUnbegun()
        #expect(wire.outbox.queuedBytes == 2 && wire.outbox.slots.isEmpty)
        wire.control("<away>")
        wire.write()
        #expect(wire.text == "<c1><away>")
    }

    /// Small messages leave together, also when they are dropped: so much, and all of them whole.
    @Test func smallMessagesAreJoined() {
        var wire = Wire()
        let message = String(repeating: "m", count: Outbox.joinedBytesMax / 4)
        for _ in 0..<5 { wire.control(message) }
        wire.notice("n")
        let pieces = wire.outbox.withGathered(updates: []) { pieces, _ in pieces.map(\.iov_len) }
        #expect(pieces == [Outbox.joinedBytesMax, Outbox.joinedBytesMax / 4, 1])
        wire.write(room: 1)
        wire.outbox.dropUnbegun()
        #expect(wire.outbox.queuedBytes == Outbox.joinedBytesMax - 1)
        wire.control("<away>")
        wire.write()
        #expect(wire.text == String(repeating: message, count: 4) + "<away>")
    }

    /// What says goodbye is a notice: no update may come behind it.
    @Test func droppingUpdatesKeepsAnswersNoticesAndWhatIsOnTheWire() {
        var wire = Wire()
        wire.control("<c1>")
        wire.write(room: 2, updates: "<u1>")
        _ = wire.outbox.mark(UpdateSubject(kind: 1, id: 1))
        wire.notice("<away>")
        wire.outbox.dropUpdates()
        #expect(wire.outbox.slots.isEmpty)
        wire.write()
        #expect(wire.text == "<c1><away>")
        #expect(wire.outbox.isEmpty && wire.outbox.queuedBytes == 0)

        var begun = Wire()
        begun.write(room: 2, updates: "<u1>")
        begun.outbox.dropUpdates()
        begun.notice("<away>")
        begun.write()
        #expect(begun.text == "<u1><away>")

        var alone = Wire()
        alone.control("<c1>")
        alone.write(room: 4, updates: "")
        alone.write(room: 0, updates: "<u1>")
        alone.outbox.dropUpdates()
        #expect(alone.outbox.isEmpty && alone.outbox.queuedBytes == 0)
    }

    @Test func slotsKeepASubjectOnceInTheOrderOfTheFirstMark() {
        var outbox = Outbox(limits: OutboxLimits(subjectsMax: 3))
        let subjects = (1...4).map { UpdateSubject(kind: 1, id: $0) }
        let accepted = (subjects.prefix(3) + [subjects[0], subjects[1], subjects[3]]).map { outbox.mark($0) }
        #expect(accepted == [true, true, true, true, true, false], "a fourth subject is over the bound")
        outbox.clear(subjects[1])
        let taken = (0..<3).map { _ in outbox.takeSubject() }
        #expect(taken == [subjects[0], subjects[2], nil])
        #expect(outbox.isEmpty)
    }

    @Test func updatesWaitForTheQueueToDrain() {
        var outbox = Outbox(limits: .init())
        _ = outbox.mark(UpdateSubject(kind: 1, id: 1))
        #expect(outbox.wantsUpdates)
        _ = outbox.append([UInt8](repeating: 0, count: Outbox.updateBatchBytes + 1), to: .control)
        #expect(!outbox.wantsUpdates)
        outbox.wrote(1, updates: [])
        #expect(outbox.wantsUpdates)
    }

    /// More messages than one gathered write takes, and more than the queue keeps behind its head.
    @Test func manyMessagesKeepTheirOrder() {
        var wire = Wire()
        var expected = ""
        for number in 0..<1000 {
            wire.control("\(number),")
            expected += "\(number),"
            if number % 3 == 0 { wire.write(room: 5, updates: "") }
        }
        while !wire.outbox.isEmpty { wire.write(room: 37) }
        #expect(wire.text == expected)
    }
}
