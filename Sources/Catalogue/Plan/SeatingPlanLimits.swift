// How large a hall may be. The largest stadiums seat 115,000 with standing room counted; a plan of 100,000 seats is what
// one date may sell. The other bounds are far above any hall, and only keep a wrong file from being taken for one.

extension SeatingPlan {
    /// The most seats of a plan.
    public static let seatsMax = 100_000
    /// The most categories of a plan.
    public static let categoriesMax = 250
    /// The most zones of a plan.
    public static let zonesMax = 10_000
    /// The most rows of a plan, over all its zones.
    public static let rowsMax = 100_000
    /// The most areas of a zone.
    public static let areasMax = 10_000
    /// The bound of every coordinate, and of each sum of zone, row and seat, in both directions; also of the size.
    public static let coordinateMax = 1_000_000.0
    /// The most bytes of a file.
    public static let fileBytesMax = JSONReader.bytesMax
}
