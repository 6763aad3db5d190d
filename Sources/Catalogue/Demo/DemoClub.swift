// A club of 303 seats: a floor whose rows bend around the stage, and a balcony behind it.

extension DemoCatalogue {
    /// The demo's club, 303 seats. Row and number alone name a seat: `C-12`.
    public static let clubPlan: SeatingPlan = {
        let front = 0
        let standard = 1
        let balcony = 2
        let width = 900.0
        var builder = SeatingPlanBuilder()
        builder.zoneBegan("Floor", at: SeatingPlan.Point(x: width / 2, y: 60))
        for (index, letter) in "ABCDEFGHIJ".enumerated() {
            builder.arc(
                row: String(letter), seats: 18 + index, radius: 220 + 34 * Double(index), spacing: 26,
                category: index < 3 ? front : standard, guidPrefix: "floor")
        }
        builder.zoneEnded(
            displayed: true,
            areas: [
                area("Stage", x: -140, y: -40, width: 280, height: 130, color: "#3d3d3d"),
                area("Bar", x: -430, y: 420, width: 60, height: 150, color: "#c9a66b"),
            ])
        builder.zoneBegan("Balcony", at: SeatingPlan.Point(x: width / 2, y: 60))
        for index in 0..<3 {
            builder.arc(
                row: String(index + 1), seats: 26, radius: 610 + 36 * Double(index), spacing: 29, category: balcony,
                guidPrefix: "balcony")
        }
        builder.zoneEnded(displayed: true)
        return builder.plan(
            name: "Lantern Club", size: SeatingPlan.Size(width: width, height: 800),
            categories: [
                category("Front", "#e4572e"), category("Standard", "#29335c"), category("Balcony", "#76b041"),
            ])
    }()

    static func category(_ name: String, _ color: String) -> SeatingPlan.Category {
        SeatingPlan.Category(name: name, color: color, extras: [])
    }

    /// A labelled rectangle as the format's first version has it.
    static func area(_ text: String, x: Int64, y: Int64, width: Int64, height: Int64, color: String) -> JSONValue {
        .object([
            JSONMember("position", .object([JSONMember("x", .integer(x)), JSONMember("y", .integer(y))])),
            JSONMember("width", .integer(width)), JSONMember("height", .integer(height)),
            JSONMember("color", .string(color)), JSONMember("border_color", .string("#000000")),
            JSONMember("rotation", .integer(0)), JSONMember("text", .string(text)),
        ])
    }
}
