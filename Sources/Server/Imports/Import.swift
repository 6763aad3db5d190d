// From a file to a command. Catalogue parses and knows nothing of the engine; this is where its types become ours.

import BoxOfficeCatalogue
import BoxOfficeEngine
import BoxOfficeProtocol

enum Import {
    /// What an upload asks for; throws why its contents are refused.
    static func action(
        _ key: OperationKey, _ upload: Uploads.Upload, using dice: inout some RandomNumberGenerator
    ) throws(Refusal) -> Command.Action {
        switch upload.kind {
        case .plan: return .importPlan(key, hall: try hall(upload.bytes), document: upload.bytes)
        case .concerts: return .importConcerts(key, try drafts(upload.bytes, using: &dice))
        case .unknown: throw Refusal(.badRequest, "Unknown kind of upload.", path: "kind")
        }
    }

    // MARK: Seating plans

    static func hall(_ bytes: [UInt8]) throws(Refusal) -> Hall {
        let plan: SeatingPlan
        do {
            plan = try SeatingPlan.parse(bytes)
        } catch {
            throw Refusal(.badPlan, error.problem, path: error.place.description)
        }
        var rows: [HallRow] = []
        for (zoneIndex, zone) in plan.zones.enumerated() {
            for (rowIndex, row) in zone.rows.enumerated() where !row.seats.isEmpty {
                let told = HallRow(zone: zone.name, row: row.number, seats: plan.seats[row.seats].map(HallSeat.init))
                // A row travels whole (spec/messages.md, HallPage).
                guard told.seats.count <= WireLimits.hallPageSeatsMax,
                    told.encoded.count <= PublishedHall.pageBytesMax
                else {
                    throw Refusal(
                        .badPlan, "A row this long cannot be sent to a client.",
                        path: "zones[\(zoneIndex)].rows[\(rowIndex)]")
                }
                rows.append(told)
            }
        }
        let categories = plan.categories.map(\.name)
        return Hall(name: plan.name, categories: categories, rows: rows, digest: digest(categories, rows))
    }

    /// Names the seats of a hall for good: SHA-256 over the categories ([string]) and the rows ([HallRow]) as they
    /// travel. The plan's own name is not in it, so that a hall keeps its digest when it is renamed.
    static func digest(_ categories: [String], _ rows: [HallRow]) -> Digest {
        var writer = WireWriter()
        categories.encode(into: &writer)
        rows.encode(into: &writer)
        return Digest(hashing: writer.bytes)
    }

    // MARK: Concert files

    /// Dates in one file: its answer names them all, and has to fit a frame.
    static let datesMax = 20_000

    /// Each concert gets a seed of its own for the draw of its room.
    static func drafts(
        _ bytes: [UInt8], using dice: inout some RandomNumberGenerator
    ) throws(Refusal) -> [ConcertDraft] {
        let file: ConcertFile
        do {
            file = try ConcertFile.parse(bytes)
        } catch {
            throw Refusal(.badConcerts, error.problem, path: error.place.description)
        }
        guard file.concerts.reduce(0, { $0 + $1.dates.count }) <= datesMax else {
            throw Refusal(.badConcerts, "At most \(datesMax) dates in one file.", path: "concerts")
        }
        return file.concerts.map { ConcertDraft($0, seed: .random(using: &dice)) }
    }
}

extension HallSeat {
    init(_ seat: SeatingPlan.Seat) {
        // The parser bounds coordinates and categories, so these conversions are exact; clamping keeps it so.
        self.init(
            number: seat.number, guid: seat.guid, category: UInt16(clamping: seat.category),
            x: Int32(clamping: Int((seat.x * 100).rounded())), y: Int32(clamping: Int((seat.y * 100).rounded())))
    }
}

extension ConcertDraft {
    init(_ concert: ConcertFile.Concert, seed: DrawSeed) {
        self.init(
            key: concert.key, title: concert.title, artists: concert.artists, description: concert.description,
            room: RoomDraft(concert.room), seed: seed, dates: concert.dates.map(PerformanceDraft.init))
    }
}

extension RoomDraft {
    init(_ room: ConcertFile.Room) {
        self.init(
            capacity: room.capacity, admissionsPerMinute: room.admissionsPerMinute, activeSeconds: room.activeSeconds,
            idleSeconds: room.idleSeconds, callWindowSeconds: room.callWindowSeconds,
            opensAt: room.opensAt.map { Instant($0) })
    }
}

extension PerformanceDraft {
    init(_ date: ConcertFile.Performance) {
        self.init(
            key: date.key, plan: date.plan, startsAt: Instant(date.startsAt), timeZone: date.timeZone,
            saleOpensAt: date.saleOpensAt.map { Instant($0) }, saleClosesAt: Instant(date.saleClosesAt),
            prices: Dictionary(date.prices.map { ($0.category, Points($0.points)) }) { first, _ in first })
    }
}
