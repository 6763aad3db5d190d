// The demo's concerts as a table: who plays, in which hall, in which city, how many days from now and at what time of
// the hall's clocks.

extension DemoCatalogue {
    private struct Hall {
        let plan: String
        let city: String
        let timeZone: String
        let prices: [ConcertFile.Price]
    }

    private static let arena = Hall(
        plan: arenaPlan.name, city: "seoul", timeZone: "Asia/Seoul",
        prices: prices(["VIP석": 198_000, "R석": 165_000, "S석": 132_000, "A석": 99_000]))
    private static let clubBerlin = Hall(
        plan: clubPlan.name, city: "berlin", timeZone: "Europe/Berlin",
        prices: prices(["Front": 9_000, "Standard": 6_500, "Balcony": 4_500]))
    private static let clubNewYork = Hall(
        plan: clubPlan.name, city: "new-york", timeZone: "America/New_York",
        prices: prices(["Front": 12_000, "Standard": 8_500, "Balcony": 6_000]))

    private static func prices(_ points: [String: Int64]) -> [ConcertFile.Price] {
        points.map { ConcertFile.Price(category: $0.key, points: $0.value) }
    }

    static func demoConcerts(startingAfter instant: Int64) -> [ConcertFile.Concert] {
        func date(_ hall: Hall, _ number: Int, inDays days: Int64, at hour: Int64, _ minute: Int64) -> Date {
            Date(hall: hall, number: number, startsAt: start(hall, after: instant, days: days, hour, minute))
        }
        return [
            concert(
                "haneulbit-encore", "하늘빛 앙코르 콘서트 🌙", by: ["하늘빛 (Haneulbit)"],
                "달빛 아레나에서 열리는 사흘간의 앙코르 공연.\nThree nights of encores under the moon.",
                [
                    date(arena, 1, inDays: 21, at: 19, 30), date(arena, 2, inDays: 22, at: 19, 30),
                    date(arena, 3, inDays: 23, at: 18, 0),
                ]),
            concert(
                "harbour-lights", "Harbour Lights", by: ["Tidal Glass"],
                "Songs from the sea wall, played in small rooms.",
                [
                    date(clubBerlin, 1, inDays: 14, at: 20, 0), date(clubBerlin, 2, inDays: 15, at: 20, 0),
                    date(clubNewYork, 1, inDays: 30, at: 20, 30),
                ]),
            concert(
                "nachtzug-nach-sueden", "Nachtzug nach Süden", by: ["Käthe Öhlmann Trio", "Søren Østby"],
                "Ein Abend zwischen Bahnsteig und Morgengrauen.",
                [date(clubBerlin, 1, inDays: 18, at: 19, 30), date(clubBerlin, 2, inDays: 19, at: 17, 0)]),
            concert(
                "paper-lanterns", "Paper Lantern Orchestra × 달토끼", by: ["Paper Lantern Orchestra", "달토끼"],
                "An orchestra, a rabbit, and a very large drum.", [date(arena, 1, inDays: 35, at: 18, 0)]),
            concert(
                "brass-avenue-live", "Brass Avenue 🎺 Live", by: ["Brass Avenue"], "Bring earplugs. Or don't.",
                room: ConcertFile.Room(capacity: 20, admissionsPerMinute: 120, activeSeconds: 300, idleSeconds: 180),
                [date(clubNewYork, 1, inDays: 25, at: 21, 0)]),
        ]
    }

    private struct Date {
        let hall: Hall
        let number: Int
        let startsAt: Int64
    }

    private static func concert(
        _ key: String, _ title: String, by artists: [String], _ description: String,
        room: ConcertFile.Room = ConcertFile.Room(), _ dates: [Date]
    ) -> ConcertFile.Concert {
        ConcertFile.Concert(
            key: key, title: title, artists: artists, description: description, room: room,
            dates: dates.map { date in
                ConcertFile.Performance(
                    key: "\(date.hall.city)-\(date.number)", plan: date.hall.plan, startsAt: date.startsAt,
                    timeZone: date.hall.timeZone, prices: date.hall.prices)
            })
    }

    /// The instant at which the hall's clocks show a time, `days` after the day they show at `instant`.
    private static func start(
        _ hall: Hall, after instant: Int64, days: Int64, _ hour: Int64, _ minute: Int64
    ) -> Int64 {
        let second: Int64 = 1_000_000
        func offset(at instant: Int64) -> Int64 {
            Int64(KnownTimeZones.offsetSeconds(of: hall.timeZone, at: instant)) * second
        }
        let daySeconds: Int64 = 86_400
        let (today, _) = RFC3339.floorDivided(instant + offset(at: instant), by: daySeconds * second)
        let local = ((today + days) * daySeconds + hour * 3_600 + minute * 60) * second
        // Clocks may change between now and then. No evening falls into the hour that is skipped, so the offset at a
        // guess less than a day away, and then at a guess minutes away, is the one that holds.
        let guess = local - offset(at: local)
        return local - offset(at: guess)
    }
}
