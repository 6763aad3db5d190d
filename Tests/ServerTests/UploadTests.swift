import BoxOfficeCatalogue
import BoxOfficeProtocol
import Foundation
import Testing

/// Files that operators bring in, and get back.
@Suite struct UploadTests {
    @Test func plansAndConcertsComeInAndGoOut() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        let plan = TestFiles.plan(name: "강당 🎻", rows: 40, seats: 300)
        let imported = try operators.upload(.plan, plan).get()
        #expect(imported.seats == 12_000)
        let file = TestFiles.concerts(title: "서울의 봄", plan: "강당 🎻", price: 5, capacity: 3, dates: 2)
        let concerts = try operators.upload(.concerts, file).get().concerts
        #expect(concerts.map(\.title) == ["서울의 봄"] && concerts[0].performances.count == 2)
        let summary = try operators.ok(GetPlans()).plans
        #expect(summary.map(\.name) == ["강당 🎻"] && summary[0].seats == 12_000)
        // Out again, in parts: what comes out is what went in.
        var document: [UInt8] = []
        while true {
            let part = try operators.ok(ExportPlan(plan: imported.plan!, offset: UInt32(document.count)))
            document += part.bytes
            if document.count == Int(part.sizeBytes) { break }
        }
        #expect(document == plan)
        // The hall comes in pages of whole rows, numbered through.
        let guest = try office.guest()
        var page = try guest.ok(GetHall(performance: PerformanceID(1), fromRow: 0))
        #expect(page.seats == 12_000 && page.more && page.digest == summary[0].digest)
        var seats = page.rows.reduce(0) { $0 + $1.seats.count }
        #expect(try guest.ok(GetHall(performance: PerformanceID(1), fromRow: 1)) == page)
        while page.more {
            page = try guest.ok(
                GetHall(performance: PerformanceID(1), fromRow: page.rowsBefore + UInt32(page.rows.count)))
            #expect(page.firstSeat == SeatIndex(UInt32(seats)))
            seats += page.rows.reduce(0) { $0 + $1.seats.count }
        }
        #expect(seats == 12_000)
        await office.stop()
    }

    @Test func uploadsKeepToTheirRules() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        let bytes = TestFiles.plan(rows: 1, seats: 2)
        let digest = Digest(hashing: bytes)
        let begin = BeginUpload(kind: .plan, sizeBytes: UInt32(bytes.count), digest: digest)
        let upload = try operators.ok(begin).upload
        func part(_ offset: Int, _ part: [UInt8]) -> UploadPart {
            UploadPart(upload: upload, offset: UInt32(offset), bytes: part)
        }
        func commit(_ upload: UploadID) throws -> Refusal? {
            if case .failure(let refusal) = try operators.call(CommitUpload(operation: operators.key(), upload: upload))
            {
                return refusal
            }
            return nil
        }
        #expect(try operators.refused(part(1, [1])) == .badRequest)
        #expect(try operators.refused(part(0, [])) == .badRequest)
        #expect(try operators.refused(part(0, bytes + [0])) == .badRequest)
        #expect(try operators.ok(part(0, Array(bytes.prefix(10)))).receivedBytes == 10)
        #expect(try commit(upload)?.code == .unknownUpload)
        #expect(try commit(UploadID(99))?.code == .unknownUpload)
        let second = try operators.ok(begin).upload
        #expect(try operators.refused(begin) == .busy)
        #expect(try operators.ok(part(10, Array(bytes.dropFirst(10)))).receivedBytes == UInt32(bytes.count))
        #expect(try commit(upload) == nil)
        // It is settled: the place is free, and its number is nobody's.
        #expect(try commit(upload)?.code == .unknownUpload)
        _ = try operators.ok(begin)
        _ = second
        await office.stop()
    }

    @Test func whatCannotBeReadIsRefusedWithItsPlace() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        func refusal(_ kind: UploadKind, _ text: String) throws -> Refusal? {
            if case .failure(let refusal) = try operators.upload(kind, Array(text.utf8)) { return refusal }
            return nil
        }
        var refused = try refusal(.plan, "{\"name\": \"x\",\n oops}")
        #expect(refused?.code == .badPlan && refused?.path?.hasPrefix("2:") == true)
        let good = String(decoding: TestFiles.plan(rows: 1, seats: 2), as: UTF8.self)
        refused = try refusal(.plan, good.replacingOccurrences(of: "1x2", with: "1x1"))
        #expect(refused?.code == .badPlan && refused?.path == "zones[0].rows[0].seats[1].seat_guid")
        refused = try refusal(.concerts, "{}")
        #expect(refused?.code == .badConcerts)
        refused = try refusal(
            .concerts, String(decoding: TestFiles.concerts(title: "x", price: 1, capacity: 1), as: UTF8.self))
        #expect(refused?.code == .unknownPlan && refused?.path == "concerts[0].dates[0].plan")
        let announced = try operators.uploadParts(.plan, Array(good.utf8), digest: Digest(hashing: []))
        let commit = CommitUpload(operation: operators.key(), upload: announced)
        refused = try decoded(Refusal.self, operators.answer(to: operators.request(commit)))
        #expect(refused?.code == .badRequest && refused?.path == "digest")
        #expect(try operators.ok(GetPlans()).plans.isEmpty)
        await office.stop()
    }

    @Test func aCommitIsSettledByItsContents() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        let plan = TestFiles.plan(rows: 2, seats: 2)
        let key = operators.key()
        let first = try operators.ok(CommitUpload(operation: key, upload: try operators.uploadParts(.plan, plan)))
        // The answer was lost; the file is uploaded again, on another connection.
        let back = try office.back("operator")
        let again = try back.answer(
            to: try back.request(CommitUpload(operation: key, upload: try back.uploadParts(.plan, plan))))
        #expect(again.header.flags == .replayed)
        #expect(try decoded(Imported.self, again) == first)
        let other = try back.uploadParts(.plan, TestFiles.plan(rows: 3, seats: 2))
        #expect(try back.refused(CommitUpload(operation: key, upload: other)) == .operationReused)
        // It is still there, for another key.
        _ = try back.ok(CommitUpload(operation: back.key(), upload: other))
        await office.stop()
    }

    @Test func theDemoIsForAnEmptyFile() async throws {
        let office = try TestOffice { $0.importsDemo = true }
        let guest = try office.guest()
        let concerts = try guest.ok(GetConcerts(after: ConcertID(0), limit: 100)).concerts
        #expect(concerts.count >= 3)
        let page = try guest.ok(GetConcerts(after: ConcertID(0), limit: 2))
        #expect(page.concerts.count == 2 && page.more)
        var seats: Set<UInt32> = []
        for concert in concerts {
            for date in try guest.ok(GetPerformances(concert: concert.concert)).performances {
                seats.insert(try guest.ok(GetSeatMap(performance: date.performance)).seats)
            }
        }
        #expect(seats.contains { $0 > 10_000 } && seats.contains { $0 < 1_000 })
        try await office.restart()
        #expect(try office.guest().ok(GetConcerts(after: ConcertID(0), limit: 100)).concerts == concerts)
        await office.stop()
    }

    @Test func blockedSeatsAreNotForSale() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall()
        let date = PerformanceID(1)
        let watcher = try office.guest()
        _ = try watcher.ok(WatchSeats(performance: date))
        let seats = [SeatIndex(0), SeatIndex(9)]
        let blocked = try operators.ok(BlockSeats(operation: operators.key(), performance: date, seats: seats))
        #expect(blocked.blocked == 2)
        guard case .seatsChanged(let changed) = try watcher.update(.seatsChanged) else { return }
        #expect(changed.changes == seats.map { SeatChange(seat: $0, status: .blocked) } && changed.available == 48)
        #expect(try watcher.ok(GetPerformance(performance: date)).available == 48)
        _ = try operators.ok(UnblockSeats(operation: operators.key(), performance: date, seats: seats))
        guard case .seatsChanged(let freed) = try watcher.update(.seatsChanged) else { return }
        #expect(freed.available == 50)
        await office.stop()
    }
}
