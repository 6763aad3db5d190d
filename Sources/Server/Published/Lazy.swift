import Foundation

/// A value made when it is first asked for, once, by whichever thread asks.
///
/// `@unchecked Sendable`: the state is only touched with `lock` held.
final class Lazy<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var made: Value?
    private var make: (@Sendable () -> Value)?

    init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    var value: Value {
        lock.lock()
        defer { lock.unlock() }
        if let made { return made }
        // The closure's captures are of no use any more.
        defer { make = nil }
        guard let value = make?() else { preconditionFailure("a lazy value asked for itself") }
        made = value
        return value
    }
}

/// A value that one queue replaces and every thread reads.
///
/// `@unchecked Sendable`: the value is only touched with `lock` held.
final class Current<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var current: Value

    init(_ value: Value) { current = value }

    var value: Value {
        get { lock.withLock { current } }
        set { lock.withLock { current = newValue } }
    }
}
