// Points: charging, the balance, and what moved.

extension BoxOffice {
    /// Buys points. Refused with `badAmount` unless the amount is positive and within the limit of a charge.
    @discardableResult
    public func charge(_ points: Points) async throws(BoxOfficeError) -> Charged {
        try await perform(Charge(operation: newOperationKey(), amount: points))
    }

    /// A member's points: one's own, or anybody's for an operator.
    public func balance(of member: MemberID? = nil) async throws(BoxOfficeError) -> Balance {
        try await perform(GetBalance(member: member))
    }

    /// One's own ledger entries, newest first.
    public func ledger() -> Paged<LedgerEntry> {
        Paged { last throws(BoxOfficeError) in
            let page = try await self.ledgerPage(before: last?.entry)
            return (page.entries, page.more)
        }
    }

    /// A page of the ledger: entries before `before`, or the newest.
    public func ledgerPage(
        before: LedgerEntryID? = nil, limit: Int = WireLimits.pageItemsMax
    ) async throws(BoxOfficeError) -> LedgerPage {
        try await perform(GetLedger(before: before ?? LedgerEntryID(0), limit: UInt16(clamping: limit)))
    }

    /// One's own payments, newest first.
    public func payments() -> Paged<Payment> {
        Paged { last throws(BoxOfficeError) in
            let page = try await self.paymentPage(before: last?.payment)
            return (page.payments, page.more)
        }
    }

    /// A page of payments: those before `before`, or the newest.
    public func paymentPage(
        before: PaymentID? = nil, limit: Int = WireLimits.pageItemsMax
    ) async throws(BoxOfficeError) -> PaymentPage {
        try await perform(GetPayments(before: before ?? PaymentID(0), limit: UInt16(clamping: limit)))
    }
}
