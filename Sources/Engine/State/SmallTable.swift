/// Values by key, of which there is mostly one: it is in place, and found without hashing. Several are looked through.
struct SmallTable<Key: Equatable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let key: Key
        var value: Value
    }

    private var entries = Few<Entry>()

    subscript(key: Key) -> Value? {
        get { entries.first { $0.key == key }?.value }
        set {
            if let newValue {
                entries.put(Entry(key: key, value: newValue), inPlaceOf: { $0.key == key })
            } else {
                entries.removeAll { $0.key == key }
            }
        }
    }

    /// - Returns: The value before.
    mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
        defer { self[key] = value }
        return self[key]
    }

    /// In no order.
    func visit(_ body: (Key, Value) -> Void) {
        for entry in entries { body(entry.key, entry.value) }
    }
}
