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
    private static var nowhere: Int32 { -1 }

    private struct Run: Sendable {
        /// Empty when no number has its place here.
        var values: ContiguousArray<Value?> = []
        var taken: UInt32 = 0

        @inline(__always) func hasValue(at index: Int) -> Bool { taken & (1 << UInt32(index)) != 0 }

        /// Whether all is noted of the value there, or that there is none.
        @inline(__always) func isCounted(at index: Int) -> Bool {
            // By a pointer, which is good for the closure: an array or a span would copy the value to look whether it is one.
            let isThere = values.withUnsafeBufferPointer { $0[index] != nil }
            return isThere == hasValue(at: index) && taken != 0
        }
    }

    private var runs: ContiguousArray<Run> = []
    /// Which of the runs has the numbers from 32 times the index on.
    private var places: ContiguousArray<Int32> = []
    private var farPlaces: [UInt64: Int32] = [:]
    /// Runs that were let go.
    private var unused: [Int32] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    subscript(id: ID) -> Value? {
        // Inlined, so that who wants a part of a value is not given a copy of all of it: that counts the references in it,
        // and a member or a date has a dozen.
        @inline(__always) get {
            let place = place(of: id)
            return place < 0 ? nil : runs[place].values[Self.index(of: id)]
        }
        // In place: what is yielded is the value itself, not a copy of it. With one yield the compiler can inline it too,
        // and needs no frame for it, which it would allocate.
        @inline(__always) _modify {
            var place = place(of: id)
            if place < 0 { place = makeRun(of: id) }
            defer {
                if !runs[place].isCounted(at: Self.index(of: id)) { changed(id, at: place) }
            }
            yield &runs[place].values[Self.index(of: id)]
        }
    }

    /// Of its run; negative when there is none.
    @inline(__always) private func place(of id: ID) -> Int {
        let key = id.rawValue / Self.runLength
        if key < UInt64(places.count) { return Int(places[Int(key)]) }
        return farPlaces.isEmpty ? Int(Self.nowhere) : Int(farPlaces[key] ?? Self.nowhere)
    }

    /// Of a number in its run.
    @inline(__always) private static func index(of id: ID) -> Int { Int(id.rawValue % runLength) }

    /// Makes a run for this number and those beside it.
    @inline(never) private mutating func makeRun(of id: ID) -> Int {
        let values = ContiguousArray<Value?>(repeating: nil, count: Int(Self.runLength))
        let place = Int(unused.popLast() ?? Int32(runs.count))
        if place == runs.count { runs.append(Run(values: values)) } else { runs[place].values = values }
        setPlace(Int32(place), of: id)
        return place
    }

    private mutating func setPlace(_ place: Int32, of id: ID) {
        let key = id.rawValue / Self.runLength
        if key < Self.placesMax {
            let missing = Int(key) + 1 - places.count
            if missing > 0 { places.append(contentsOf: repeatElement(Self.nowhere, count: missing)) }
            places[Int(key)] = place
        } else {
            farPlaces[key] = place == Self.nowhere ? nil : place
        }
    }

    /// Counts a value that may have come or gone. A run without values gives its memory back.
    @inline(never) private mutating func changed(_ id: ID, at place: Int) {
        let index = Self.index(of: id)
        let isThere = runs[place].values[index] != nil
        if isThere != runs[place].hasValue(at: index) {
            runs[place].taken ^= 1 << UInt32(index)
            count += isThere ? 1 : -1
        }
        guard runs[place].taken == 0 else { return }
        runs[place].values = []
        unused.append(Int32(place))
        setPlace(Self.nowhere, of: id)
    }

    @discardableResult
    mutating func removeValue(forKey id: ID) -> Value? {
        defer { self[id] = nil }
        return self[id]
    }

    /// - Returns: The value before.
    @discardableResult
    mutating func updateValue(_ value: Value, forKey id: ID) -> Value? {
        var value: Value? = value
        swap(&self[id], &value)
        return value
    }
}

extension Numbered: Sequence {
    /// By number.
    func makeIterator() -> AnyIterator<(key: ID, value: Value)> {
        let near = places.indices.lazy.filter { places[$0] != Self.nowhere }.map { (UInt64($0), places[$0]) }
        let far = farPlaces.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var left = (Array(near) + far)[...]
        var at = 0
        return AnyIterator {
            while let (key, place) = left.first {
                let values = runs[Int(place)].values
                while at < values.count {
                    defer { at += 1 }
                    if let value = values[at] { return (ID(key * Self.runLength + UInt64(at)), value) }
                }
                left.removeFirst()
                at = 0
            }
            return nil
        }
    }

    /// Rising.
    var keys: [ID] { map(\.key) }
    /// By number.
    var values: some Sequence<Value> { lazy.map(\.value) }
}
