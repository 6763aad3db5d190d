// What a start and a reload have in common: rows become memory.

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

extension Store {
    /// Reads every row into an engine. A row that cannot be is damage, and says so: a supervisor's restart does not help.
    @discardableResult
    package func load(into engine: inout Engine) throws(StoreFailure) -> Instant {
        var check = FactCheck()
        let committed = try load { fact in
            if let problem = check.problem(with: fact) { throw StoreFailure.damaged(problem) }
            engine.apply(fact)
        }
        // The clock starts no earlier than the last commit, and deadlines lie after it: room has to be left for them.
        guard committed < Instant(seconds: 100_000_000_000) else {
            throw .damaged("the last commit was in \(committed)")
        }
        return committed
    }
}
