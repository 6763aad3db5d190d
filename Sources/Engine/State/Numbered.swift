import BoxOfficeProtocol

/// Values by number, for numbers that are given one after the other: a dictionary of short runs of them.
///
/// A dictionary keeps room for up to twice as many entries as it has, and is copied whole when it grows. Here a value
/// costs its own size, and what grows is a table of one entry for 32 values. A run without values is let go.
struct Numbered<ID: WireScalar & Sendable, Value: Sendable>: Sendable where ID.RawValue == UInt64 {
    private static var runLength: UInt64 { 32 }

    private struct Run: Sendable {
        var values = ContiguousArray<Value?>(repeating: nil, count: Int(runLength))
        var taken: UInt32 = 0
    }

    private var runs: [UInt64: Run] = [:]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    subscript(id: ID) -> Value? {
        get { runs[id.rawValue / Self.runLength]?.values[Int(id.rawValue % Self.runLength)] }
        _modify {
            let key = id.rawValue / Self.runLength
            let at = Int(id.rawValue % Self.runLength)
            // In place: what is yielded is the value itself, not a copy of it.
            let run = runs.index(forKey: key) ?? begin(key)
            defer { changed(run, at) }
            yield &runs.values[run].values[at]
        }
    }

    @discardableResult
    mutating func removeValue(forKey id: ID) -> Value? {
        defer { self[id] = nil }
        return self[id]
    }

    private mutating func begin(_ key: UInt64) -> Dictionary<UInt64, Run>.Index {
        runs[key] = Run()
        return runs.index(forKey: key)!
    }

    private mutating func changed(_ run: Dictionary<UInt64, Run>.Index, _ at: Int) {
        let bit = UInt32(1) << UInt32(at)
        let wasTaken = runs.values[run].taken & bit != 0
        let isTaken = runs.values[run].values[at] != nil
        if wasTaken != isTaken {
            runs.values[run].taken ^= bit
            count += isTaken ? 1 : -1
        }
        if runs.values[run].taken == 0 { runs.remove(at: run) }
    }
}

extension Numbered: Sequence {
    /// By number.
    func makeIterator() -> AnyIterator<(key: ID, value: Value)> {
        var keys = runs.keys.sorted()[...]
        var run: Run?
        var at: UInt64 = 0
        return AnyIterator {
            while let key = keys.first {
                let values = run ?? runs[key]!
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

    var values: some Sequence<Value> { lazy.map(\.value) }
}
