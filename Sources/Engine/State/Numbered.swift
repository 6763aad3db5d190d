import BoxOfficeProtocol

/// Values by number, for numbers that are given one after the other: a table of short runs of them.
///
/// A dictionary keeps room for up to twice as many entries as it has, is copied whole when it grows, and hashes with each
/// look. Here a value costs its own size, what grows is a table of one entry for 32 values, and a value is found by its
/// place and looked at where it is. A run without values is let go.
struct Numbered<ID: WireScalar & Sendable, Value: Sendable>: Sendable where ID.RawValue == UInt64 {
    private static var runLength: UInt64 { 32 }
    /// Runs from here on are found by hashing: a number that nobody can have been given, in a file that somebody has
    /// edited, must not make a table of all numbers below it.
    private static var placesMax: UInt64 { 1 << 20 }

    private struct Run: Sendable {
        /// Empty as long as there is none.
        var values: ContiguousArray<Value?> = []
        var taken: UInt32 = 0

        mutating func makeRoom() {
            if values.isEmpty { values = ContiguousArray(repeating: nil, count: Int(runLength)) }
        }

        /// Notes whether there is a value now. A run without values gives its memory back.
        /// - Returns: By how many values the run has changed.
        mutating func changed(_ at: Int) -> Int {
            let bit = UInt32(1) << UInt32(at)
            let isTaken = values[at] != nil
            let wasTaken = taken & bit != 0
            if wasTaken != isTaken { taken ^= bit }
            if taken == 0 { values = [] }
            return wasTaken == isTaken ? 0 : isTaken ? 1 : -1
        }
    }

    private var runs: ContiguousArray<Run> = []
    private var farRuns: [UInt64: Run] = [:]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    subscript(id: ID) -> Value? {
        // Inlined, so that who wants a part of a value is not given a copy of all of it: that counts the references in it,
        // and a member or a date has a dozen.
        @inline(__always) get {
            let key = id.rawValue / Self.runLength
            let at = Int(id.rawValue % Self.runLength)
            if key < UInt64(runs.count) {
                let place = Int(key)
                return runs[place].taken == 0 ? nil : runs[place].values[at]
            }
            return farRuns.isEmpty ? nil : farRuns[key]?.values[at]
        }
        // In place: what is yielded is the value itself, not a copy of it.
        _modify {
            let key = id.rawValue / Self.runLength
            let at = Int(id.rawValue % Self.runLength)
            if key < Self.placesMax {
                let place = Int(key)
                if place >= runs.count { runs.append(contentsOf: repeatElement(Run(), count: place + 1 - runs.count)) }
                runs[place].makeRoom()
                defer { count += runs[place].changed(at) }
                yield &runs[place].values[at]
            } else {
                farRuns[key, default: Run()].makeRoom()
                let place = farRuns.index(forKey: key)!
                defer {
                    count += farRuns.values[place].changed(at)
                    if farRuns.values[place].taken == 0 { farRuns.remove(at: place) }
                }
                yield &farRuns.values[place].values[at]
            }
        }
    }

    @discardableResult
    mutating func removeValue(forKey id: ID) -> Value? {
        defer { self[id] = nil }
        return self[id]
    }

    /// - Returns: The value before.
    @discardableResult
    mutating func updateValue(_ value: Value, forKey id: ID) -> Value? {
        defer { self[id] = value }
        return self[id]
    }
}

extension Numbered: Sequence {
    /// By number.
    func makeIterator() -> AnyIterator<(key: ID, value: Value)> {
        var keys = (runs.indices.filter { runs[$0].taken != 0 }.map(UInt64.init) + farRuns.keys.sorted())[...]
        var run: Run?
        var at: UInt64 = 0
        return AnyIterator {
            while let key = keys.first {
                let values = run ?? (key < UInt64(runs.count) ? runs[Int(key)] : farRuns[key]!)
                run = values
                while at < Self.runLength {
                    defer { at += 1 }
                    if let value = values.values[Int(at)] { return (ID(key * Self.runLength + at), value) }
                }
                keys = keys.dropFirst()
                (run, at) = (nil, 0)
            }
            return nil
        }
    }

    /// Rising.
    var keys: [ID] { map(\.key) }
    /// By number.
    var values: some Sequence<Value> { lazy.map(\.value) }
}
