extension SeatMap {
    /// The status of one of its seats: two bits, four seats to a byte, the first in the lowest bits (spec/messages.md, SeatMap).
    /// Traps for a seat that it does not have.
    public func status(of seat: SeatIndex) -> SeatStatus {
        let index = Int(seat.rawValue)
        return SeatStatus(rawValue: statuses[index / 4] >> (2 * UInt8(index % 4)) & 3)
    }
}
