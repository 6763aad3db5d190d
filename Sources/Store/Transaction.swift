import BoxOfficeProtocol
import CSQLite
import GRDB

/// One transaction, and what its failure allows to be said.
struct Transaction {
    let db: Database
    let begin: RowStatement
    let commit: RowStatement

    func run(_ body: () throws -> Void) throws {
        try begin.run()
        do {
            try body()
        } catch {
            try rollBack(after: error)
            throw error
        }
        do {
            try commit.run()
        } catch let error as DatabaseError {
            try rollBack(after: error)
            switch error.resultCode {
            case .SQLITE_CONSTRAINT, .SQLITE_BUSY:
                // Refused before anything was written: a foreign key, or somebody else's lock.
                throw error
            case .SQLITE_FULL:
                // A write got no space. The frame that makes a transaction one is the last to be written, and whole or
                // not there, since frames have checksums: so this transaction is not on disk, and never will be.
                throw error
            default:
                // Above all a failed sync: the pages may reach the disk yet.
                throw StoreFailure.ambiguous(text(error))
            }
        }
    }

    /// SQLite has rolled back by itself after some errors.
    private func rollBack(after cause: any Error) throws {
        do {
            try db.rollback()
        } catch {
            throw StoreFailure.ambiguous("\(text(cause)); rolling back: \(text(error))")
        }
        guard !db.isInsideTransaction else { throw StoreFailure.ambiguous(text(cause)) }
    }

    private func text(_ error: any Error) -> String { StoreFailure(harmless: error).description }
}

/// Reads one value of sixteen bytes.
enum Data16 {
    static func fetch(_ db: Database, _ sql: String) throws -> Bytes16 {
        var value: Bytes16?
        try RowStatement(sql, on: db).eachRow { value = try $0.bytes16() }
        guard let value else { throw StoreFailure.damaged("no row in meta") }
        return value
    }
}
