// Whether what clients were told has a sequential explanation: one order of all operations, in which each answer is the
// one the model gives, and no operation comes before another that had been answered when it was asked.
//
// The events are gone through in the order of time with the set of all states that the object may be in. An operation may
// take effect at any moment between its call and its answer; one whose answer never came, at any moment after its call, or
// never. When no state is left, there is no explanation (this is Wing and Gong's search, the way Lowe made it quick).
//
// Linearizability is local: if each seat and each account has an explanation, so have all of them together. What one
// operation does to several seats at once is left to I1 and to the notices.

/// What an object does with an operation.
protocol SequentialModel {
    associatedtype State: Hashable
    associatedtype Action
    static var start: State { get }
    /// The state after it; nil when this answer cannot be given in this state.
    static func step(_ state: State, _ action: Action) -> State?
}

/// An operation on one object, and when it was called and answered.
struct Span<Action> {
    let action: Action
    let called: Int
    /// `Int.max`: never.
    let answered: Int
    /// For people.
    let words: String
}

enum Linearizability {
    /// Configurations beyond this are given up on: a history that needs more says nothing.
    static let configurationsMax = 50_000

    enum Verdict: Equatable {
        case explained
        /// There is no order; what the last operation was that did not fit.
        case impossible(String)
        /// Too much was open at once.
        case undecided
    }

    private struct Configuration<State: Hashable>: Hashable {
        var state: State
        /// Open operations that have taken effect, by their index, sorted.
        var done: [Int]
    }

    static func check<M: SequentialModel>(_ model: M.Type, _ spans: [Span<M.Action>]) -> Verdict {
        var events: [(time: Int, isAnswer: Bool, span: Int)] = []
        for (index, span) in spans.enumerated() {
            events.append((span.called, false, index))
            if span.answered != .max { events.append((span.answered, true, index)) }
        }
        // At the same instant calls come first: that makes the two concurrent.
        events.sort { ($0.time, $0.isAnswer ? 1 : 0, $0.span) < ($1.time, $1.isAnswer ? 1 : 0, $1.span) }

        var configurations: Set<Configuration<M.State>> = [Configuration(state: M.start, done: [])]
        var open: [Int] = []
        for event in events {
            guard event.isAnswer else {
                open.append(event.span)
                continue
            }
            // All orders in which open operations may take effect before this answer.
            var reached = configurations
            var edge = Array(configurations)
            while let configuration = edge.popLast() {
                // Nothing needs to come before what is answered now, once that has happened.
                if configuration.done.contains(event.span) { continue }
                for index in open where !configuration.done.contains(index) {
                    guard let state = M.step(configuration.state, spans[index].action) else { continue }
                    var done = configuration.done
                    done.insert(index, at: done.firstIndex { $0 > index } ?? done.endIndex)
                    let next = Configuration(state: state, done: done)
                    if reached.insert(next).inserted { edge.append(next) }
                }
                if reached.count > configurationsMax { return .undecided }
            }
            configurations = []
            for configuration in reached where configuration.done.contains(event.span) {
                configurations.insert(
                    Configuration(state: configuration.state, done: configuration.done.filter { $0 != event.span }))
            }
            if configurations.isEmpty { return .impossible(spans[event.span].words) }
            open.removeAll { $0 == event.span }
        }
        return .explained
    }
}
