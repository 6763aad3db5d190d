// For operators: who runs the box office. Everybody else is refused with `notAllowed`.

extension BoxOffice {
    /// All seating plans.
    public func plans() async throws(BoxOfficeError) -> [PlanSummary] { try await perform(GetPlans()).plans }

    /// A seating plan's file, in the format it was imported in.
    public func exportPlan(_ plan: PlanID) async throws(BoxOfficeError) -> [UInt8] {
        var file: [UInt8] = []
        while true {
            let part = try await perform(ExportPlan(plan: plan, offset: UInt32(clamping: file.count)))
            file += part.bytes
            let size = Int(part.sizeBytes)
            if file.count == size { return file }
            // The size is the server's word: nothing is reserved for it, it is one that an import may have, and each part
            // has to bring it nearer.
            guard !part.bytes.isEmpty, file.count < size, size <= WireLimits.uploadBytesMax else {
                throw .protocolError("a part of a file that does not fit its size")
            }
        }
    }

    /// Takes free seats out of the sale.
    @discardableResult
    public func blockSeats(
        _ seats: SeatSelection, at performance: PerformanceID
    ) async throws(BoxOfficeError) -> SeatsBlocked {
        let indices = try await indices(of: seats, at: performance)
        return try await perform(BlockSeats(operation: newOperationKey(), performance: performance, seats: indices))
    }

    /// Puts blocked seats back on sale.
    @discardableResult
    public func unblockSeats(
        _ seats: SeatSelection, at performance: PerformanceID
    ) async throws(BoxOfficeError) -> SeatsBlocked {
        let indices = try await indices(of: seats, at: performance)
        return try await perform(UnblockSeats(operation: newOperationKey(), performance: performance, seats: indices))
    }

    /// Gives a paid reservation back in full: the points to the member, the seats to the sale.
    @discardableResult
    public func refund(_ reservation: ReservationID) async throws(BoxOfficeError) -> Refunded {
        try await perform(Refund(operation: newOperationKey(), reservation: reservation))
    }

    /// Sets a member's password and ends all their sessions.
    public func setPassword(of name: String, to password: String) async throws(BoxOfficeError) {
        let key = try await newOperationKey()
        _ = try await perform(SetPassword(operation: key, name: name, password: Secret(password)))
    }

    /// The server's live figures.
    public func figures() async throws(BoxOfficeError) -> ServerFigures { try await perform(GetFigures()) }

    /// Has the server copy its data file to this path on its machine, and audit the copy. Only through the socket in the
    /// data directory. Returns when the copy is good and has its name, which may take as long as the file is large.
    public func backUp(to path: String) async throws(BoxOfficeError) -> BackedUp {
        try await perform(Backup(path: path), timeout: .seconds(6 * 3_600))
    }

    /// Makes members with points at a server that is a rehearsal; a session of each. 1 to 10,000 of them.
    public func makeRehearsalMembers(_ count: Int, points: Points) async throws(BoxOfficeError) -> [SessionToken] {
        try await perform(MakeRehearsalMembers(count: UInt32(clamping: count), points: points)).sessions
    }

    /// Makes a member an operator, and the member when new, for which it takes a password. Only through the socket in
    /// the data directory.
    @discardableResult
    public func makeOperator(_ name: String, password: String? = nil) async throws(BoxOfficeError) -> Account {
        try await perform(
            MakeOperator(operation: newOperationKey(), name: name, password: password.map { Secret($0) }))
    }
}
