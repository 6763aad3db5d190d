// An arena of 12,000 seats: four blocks on the floor, and around them a horseshoe of stands and of a balcony, open
// towards the stage.
//
//     zone        blocks   rows × seats    seats
//     F1 … F4        4       20 × 30       2,400
//     101 … 116     16       15 × 24       5,760
//     201 … 216     16       12 × 20       3,840
//
// The categories are those of a Korean ticket shop: VIP, R, S and A 석 (seats).

extension DemoCatalogue {
    /// The demo's arena, 12,000 seats. A seat is named with its block: `F1-3-12`.
    public static let arenaPlan: SeatingPlan = {
        let middle = 1_500.0
        var builder = SeatingPlanBuilder()
        for block in 0..<4 {
            let position = SeatingPlan.Point(x: middle + (block % 2 == 0 ? -400 : 30), y: block < 2 ? 1_120 : 1_480)
            builder.zoneBegan("F\(block + 1)", at: position)
            for row in 0..<20 {
                builder.line(
                    row: String(row + 1), seats: 30, y: 16 * Double(row), spacing: 13, category: block < 2 ? 0 : 1,
                    guidPrefix: "f\(block + 1)")
            }
            let stage = area("Stage", x: 50, y: -270, width: 700, height: 200, color: "#3d3d3d")
            builder.zoneEnded(displayed: true, areas: block == 0 ? [stage] : [])
        }
        for (tier, rows, seats, radius) in [(1, 15, 24, 860.0), (2, 12, 20, 1_180.0)] {
            for block in 0..<16 {
                // Blocks stand side by side over 270°, from the left of the stage around to its right.
                let middleBlocks = 4..<12
                let sector = Sector(
                    middle: (Double(block) - 7.5) * 270 / 16 * .pi / 180, width: 270.0 / 16 * 0.92 * .pi / 180)
                let number = "\(tier)\(block < 9 ? "0" : "")\(block + 1)"
                builder.zoneBegan(number, at: SeatingPlan.Point(x: middle, y: 1_450))
                for row in 0..<rows {
                    let category = tier == 1 && middleBlocks.contains(block) ? 1 : tier == 1 ? 2 : 3
                    builder.row(
                        String(row + 1), seats: seats, radius: radius + 18 * Double(row), in: sector,
                        category: category, guidPrefix: number)
                }
                builder.zoneEnded(displayed: true)
            }
        }
        return builder.plan(
            name: "달빛 아레나", size: SeatingPlan.Size(width: 2 * middle, height: 2 * middle),
            categories: [
                category("VIP석", "#b8860b"), category("R석", "#c0392b"), category("S석", "#2e86c1"),
                category("A석", "#27ae60"),
            ])
    }()
}
