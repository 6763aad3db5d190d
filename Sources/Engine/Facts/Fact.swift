import BoxOfficeProtocol

/// What became true: a row of the store as it stands now.
///
/// `Engine.apply(_:)` changes memory by a fact, `BoxOfficeStore` writes it, and a start reads the rows back as facts and
/// applies them by the same function, so that recovery is not a second implementation. A fact with a known id replaces
/// the row; ledger, payment, notice and operation rows are only ever appended.
///
/// Names and meanings of the rows are those of docs/domain.md; the store's tables have the same columns. A hold's three facts,
/// the reservation, its notice and its operation, come one behind the other, and the store makes one row of them.
public enum Fact: Hashable, Sendable {
    case member(MemberRow)
    case session(SessionRow)
    case sessionEnded(SessionID)
    case ledger(LedgerRow)
    case plan(PlanRow)
    case concert(ConcertRow)
    case performance(PerformanceRow)
    case room(RoomRow)
    /// What an operator changed about a room; a bar is one of these.
    case roomChange(RoomChangeRow)
    case token(TokenRow)
    case reservation(ReservationRow)
    case payment(PaymentRow)
    case notice(NoticeRow)
    /// A member's notices through `sequence` are no longer kept. `rows` are their row ids. The newest is always kept,
    /// so that the numbering goes on from it (I6).
    case noticesPruned(MemberID, through: UInt64, rows: [UInt64])
    case operation(OperationRow)
    /// Operation keys stamped before `floor` are refused, and operation rows through `row` are no longer kept. The
    /// floor only moves forward.
    case operationsPruned(floor: Instant, throughRow: UInt64)
}
