import BoxOfficeClient
import Foundation
import Testing

@testable import BoxOfficeCommandLine

@Suite("Rehearsal")
struct RehearsalTests {
    private func crowd(_ profile: RehearsalProfile, _ members: Int = 10_000, seed: UInt64 = 7) -> [RehearsalScript] {
        RehearsalScript.crowd(
            profile, members: members, duration: .seconds(60), thinking: .seconds(1), seatsMax: 4, seed: seed)
    }

    @Test(arguments: RehearsalProfile.allCases)
    func theSameSeedTheSameCrowd(profile: RehearsalProfile) {
        #expect(crowd(profile) == crowd(profile))
        #expect(crowd(profile) != crowd(profile, seed: 8))
    }

    @Test func crowdsComeAsTheirProfileSays() {
        func share(_ scripts: [RehearsalScript], _ holds: (RehearsalScript) -> Bool) -> Double {
            Double(scripts.count(where: holds)) / Double(scripts.count)
        }
        let rush = crowd(.rush)
        #expect(0.45...0.55 ~= share(rush) { $0.arrival < .milliseconds(2_079) })
        #expect(rush.allSatisfy { $0.arrival <= .seconds(30) })
        let steady = crowd(.steady)
        #expect(0.45...0.55 ~= share(steady) { $0.arrival < .seconds(21) })
        #expect(steady.allSatisfy { $0.arrival < .seconds(42) })
        let bots = crowd(.bots)
        #expect(0.18...0.22 ~= share(bots) { $0.arrival == .zero && $0.thinking == .zero && $0.seats == 4 })
        for people in [rush, steady] {
            #expect(0.83...0.87 ~= share(people) { $0.ending == .pays })
            #expect(people.allSatisfy { .milliseconds(500)...(.milliseconds(1_500)) ~= $0.thinking })
            #expect(people.allSatisfy { (1...4).contains($0.seats) })
        }
        let alone = RehearsalScript.crowd(
            .bots, members: 100, duration: .seconds(1), thinking: .zero, seatsMax: 1, seed: 1)
        #expect(alone.allSatisfy { $0.seats == 1 })
    }

    @Test func waitsAreHeldAgainstWhatWasAnnouncedHalfway() {
        var waits = WaitFigures()
        func announce(_ at: Double, _ low: UInt32, _ high: UInt32) -> AnnouncedWait {
            AnnouncedWait(at: .seconds(at), secondsMin: low, secondsMax: high)
        }
        waits.add(.seconds(100), [announce(10, 1, 2), announce(49, 40, 60), announce(60, 1, 2)])
        waits.add(.seconds(100), [announce(50, 10, 20)])  // 50 s remained
        waits.add(.seconds(100), [announce(50, 60, 90)])  // sooner than announced
        waits.add(.seconds(100), [announce(51, 60, 90)])  // nothing at halfway
        waits.add(
            .seconds(100), [announce(10, 80, 100), AnnouncedWait(at: .seconds(40), secondsMin: nil, secondsMax: nil)])
        waits.add(.seconds(3), [])
        #expect((waits.count, waits.announced) == (6, 3))
        #expect((waits.withinAnnounced, waits.noLaterThanAnnounced) == (1, 2))
    }

    @Test(
        arguments: [
            ("90s", 90.0), ("5m", 300), ("1h", 3_600), ("0.5", 0.5), ("2.5s", 2.5), ("0s", 0), ("-1s", nil), ("", nil),
            ("s", nil), ("5d", nil), ("1e9", nil), ("nan", nil), ("inf", nil),
        ] as [(String, Double?)])
    func timesAsTheyAreTyped(text: String, seconds: Double?) {
        #expect(TypedDuration(argument: text)?.seconds == seconds)
    }

    @Test(arguments: [
        ("rehearse --concert 1", CommandStatus.done), ("rehearse", .usage),
        (
            "rehearse --concert 1 --profile bots --members 5 --duration 5m --thinking 0 --seed 3 --data d --chart c.svg",
            .done
        ),
        ("rehearse --concert 1 --members x", .usage), ("rehearse --concert 1 --duration 5d", .usage),
    ])
    func commandLines(line: String, status: CommandStatus) {
        switch BoxOfficeTool.parse(inParserOrder(line.split(separator: " ").map(String.init))) {
        case .command(let command):
            #expect(status == .done)
            #expect(command.global.profile == nil, "the crowd's, not a session's")
        case .failure(let failure, _): #expect(failure.status == status)
        case .text: Issue.record("help")
        }
    }

    @Test func whatMustNotBeIsNoSuccess() async {
        func report(
            _ audit: RehearsalReport.AuditResult = .notAsked, _ happens: (RehearsalTally) async -> Void
        ) async -> RehearsalReport {
            let tally = RehearsalTally()
            await tally.wasAdmitted(after: .zero, [])
            await happens(tally)
            let settings = RehearsalSettings(
                profile: .rush, members: 1, duration: .seconds(1), thinking: .zero, seed: 1)
            return await RehearsalReport(
                of: ConcertID(1), PerformanceID(1), settings, tally, moments: [], took: .seconds(2)
            ).audited(audit)
        }
        #expect(await report { _ in }.isGood)
        #expect(await report(.sound(commit: 1)) { await $0.isUnanswered(.map, after: .seconds(1)) }.isGood)
        #expect(await !report(.unsound("")) { _ in }.isGood)
        #expect(await !report(.notMade("")) { _ in }.isGood)
        #expect(await !report { await $0.failed("timeout") }.isGood)
        #expect(await !report { await $0.isUnanswered(.map, after: .seconds(6)) }.isGood)
        let twice = await report { tally in
            for _ in 0..<2 { await tally.hasPaid(for: [SeatIndex(1)]) }
            for time in [100, 900, 1_100] { await tally.hasHeld(at: .milliseconds(time)) }
        }
        #expect(!twice.isGood)
        #expect((twice.holdsPerSecond, twice.holdsPerSecondMax) == (1, 2))
    }

    @Test func aSeatThatIsSoldTwiceIsSeen() async {
        let tally = RehearsalTally()
        await tally.hasPaid(for: [SeatIndex(1), SeatIndex(2)])
        #expect(await tally.doubleSales == 0)
        await tally.hasPaid(for: [SeatIndex(2)])
        #expect(await (tally.seatsSold, tally.doubleSales) == (3, 1))
    }
}
