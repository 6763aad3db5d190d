// What a concert file says about halls, held against the halls: a date in a hall that was never imported, a category
// nobody could buy, a price that belongs to nothing.

extension ConcertFile {
    /// Checks that every date's plan is there, that each category with seats in it has a price, and that each price is
    /// one of a category of the plan.
    ///
    /// - Parameter plans: The seating plans that were imported, by name.
    /// - Throws: The first date that does not fit, with the place in the file.
    public func check(against plans: [String: SeatingPlan]) throws(CatalogueRefusal) {
        var halls: [String: Hall] = [:]  // a plan is gone through once, however many dates it has
        for (concertIndex, concert) in concerts.enumerated() {
            for (dateIndex, date) in concert.dates.enumerated() {
                do throws(CatalogueRefusal) {
                    if halls[date.plan] == nil, let plan = plans[date.plan] { halls[date.plan] = Hall(plan) }
                    guard let hall = halls[date.plan] else {
                        throw CatalogueRefusal("no seating plan \(quoted(date.plan)) was imported")
                            .within(member: "plan")
                    }
                    try hall.check(date)
                } catch {
                    throw error.within(index: dateIndex).within(member: "dates")
                        .within(index: concertIndex).within(member: "concerts")
                }
            }
        }
    }

    private struct Hall {
        let name: String
        let categories: Set<String>
        let onSale: [String]

        init(_ plan: SeatingPlan) {
            name = plan.name
            categories = Set(plan.categories.map(\.name))
            let withSeats = Set(plan.seats.map(\.category))
            onSale = plan.categories.indices.filter(withSeats.contains).map { plan.categories[$0].name }
        }

        func check(_ date: Performance) throws(CatalogueRefusal) {
            let priced = Set(date.prices.map(\.category))
            if let category = onSale.first(where: { !priced.contains($0) }) {
                throw CatalogueRefusal("has no price for the category \(quoted(category)) of \(quoted(name))")
                    .within(member: "prices")
            }
            if let price = date.prices.first(where: { !categories.contains($0.category) }) {
                throw CatalogueRefusal("\(quoted(name)) has no such category")
                    .within(member: price.category).within(member: "prices")
            }
        }
    }
}
