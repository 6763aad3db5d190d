// Members and their points.

import BoxOfficeClient
import BoxOfficeTerminal

extension Account: Shown {
    var json: JSON {
        ["member": JSON(member), "name": JSON(name), "operator": JSON(isOperator)]
    }

    func lines(_ look: Look) -> [String] {
        ["\(look.style.bold(sanitize(name))), member \(member)\(isOperator ? ", operator" : "")"]
    }
}

extension Charged: Shown {
    var json: JSON {
        ["entry": JSON(entry), "amount": JSON(amount), "balance": JSON(balance), "at": JSON(at)]
    }

    func lines(_ look: Look) -> [String] {
        ["Charged \(look.style.green(grouped(amount))) points. Balance: \(look.style.bold(grouped(balance)))"]
    }
}

extension Balance: Shown {
    var json: JSON { ["member": JSON(member), "balance": JSON(balance)] }

    func lines(_ look: Look) -> [String] { ["Balance: \(look.style.bold(grouped(balance))) points"] }
}

extension LedgerEntry {
    /// What the entry did to a member's balance.
    func change(for member: MemberID) -> Points {
        debit == "member:\(member)" ? Points(-amount.rawValue) : amount
    }

    func json(for member: MemberID) -> JSON {
        [
            "entry": JSON(entry), "at": JSON(at), "debit": JSON(debit), "credit": JSON(credit),
            "amount": JSON(amount), "change": JSON(change(for: member)),
            "reservation": JSON(reservation) { JSON($0) },
        ]
    }

    static func table(_ entries: [LedgerEntry], of member: MemberID, _ look: Look) -> Table {
        var table = Table([
            .init("ENTRY", .right), .init("WHEN"), .init("POINTS", .right), .init("WHAT", shrinks: true),
        ])
        for entry in entries {
            let change = entry.change(for: member)
            let isGain = change.rawValue > 0
            let paint = isGain ? look.style.green : look.style.red
            table.add([
                "\(entry.entry)", .init(look.time(entry.at)),
                .init((isGain ? "+" : "") + grouped(change), paint: paint), .init(entry.meaning(for: member)),
            ])
        }
        return table
    }

    private func meaning(for member: MemberID) -> String {
        let booking = reservation.map { " of reservation \($0)" } ?? ""
        if debit == "topup" { return "charged" }
        return debit == "member:\(member)" ? "payment\(booking)" : "refund\(booking)"
    }
}

extension Payment: Shown {
    var json: JSON {
        [
            "payment": JSON(payment), "reservation": JSON(reservation), "entry": JSON(entry), "amount": JSON(amount),
            "at": JSON(at),
        ]
    }

    func lines(_ look: Look) -> [String] {
        ["Payment \(payment): \(grouped(amount)) points for reservation \(reservation), \(look.time(at))"]
    }

    static func table(_ payments: [Payment], _ look: Look) -> Table {
        var table = Table([
            .init("PAYMENT", .right), .init("RESERVATION", .right), .init("POINTS", .right), .init("WHEN"),
        ])
        for payment in payments {
            table.add([
                "\(payment.payment)", "\(payment.reservation)", .init(grouped(payment.amount)),
                .init(look.time(payment.at)),
            ])
        }
        return table
    }
}
