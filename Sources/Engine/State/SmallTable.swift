/// Values by key, of which there is mostly one: it is in place, and found without hashing.
struct SmallTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var first: (key: Key, value: Value)?
    private var others: [Key: Value] = [:]

    subscript(key: Key) -> Value? {
        get { first?.key == key ? first?.value : others.isEmpty ? nil : others[key] }
        set {
            if first?.key == key || first == nil && others[key] == nil {
                first = newValue.map { (key, $0) }
            } else {
                others[key] = newValue
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
        if let first { body(first.key, first.value) }
        for (key, value) in others { body(key, value) }
    }
}
