// Reads the members of an object by name, each against a rule, so that the readers of the two formats are tables:
//
//     name = try fields.required("name", .text(bytesMax: 200))
//
// What is wrong is named with its place. A member that is null counts as not there; one that is known and given twice
// is refused, since readers differ in which of the two they believe.

struct JSONFields {
    private let members: [JSONMember]

    init(_ value: JSONValue) throws(CatalogueRefusal) {
        guard case .object(let members) = value else {
            throw CatalogueRefusal("must be an object, not \(value.kind)")
        }
        self.members = members
    }

    func required<Value>(_ name: String, _ rule: FieldRule<Value>) throws(CatalogueRefusal) -> Value {
        guard let value = try optional(name, rule) else {
            throw CatalogueRefusal("is missing").within(member: name)
        }
        return value
    }

    func optional<Value>(_ name: String, _ rule: FieldRule<Value>) throws(CatalogueRefusal) -> Value? {
        do throws(CatalogueRefusal) {
            guard let value = try self[name] else { return nil }
            return try rule.read(value)
        } catch {
            throw error.within(member: name)
        }
    }

    /// Calls `body` with each item of the array `name` and its position; none when the member is not there.
    func items(
        _ name: String, max: Int, _ body: (Int, JSONValue) throws(CatalogueRefusal) -> Void
    ) throws(CatalogueRefusal) {
        do throws(CatalogueRefusal) {
            guard let value = try self[name] else { return }
            guard case .array(let items) = value else {
                throw CatalogueRefusal("must be an array, not \(value.kind)")
            }
            guard items.count <= max else { throw CatalogueRefusal("has \(items.count) items, at most \(max) may be") }
            for (index, item) in items.enumerated() {
                do throws(CatalogueRefusal) {
                    try body(index, item)
                } catch {
                    throw error.within(index: index)
                }
            }
        } catch {
            throw error.within(member: name)
        }
    }

    /// The same for an array that must be there.
    func requiredItems(
        _ name: String, max: Int, _ body: (Int, JSONValue) throws(CatalogueRefusal) -> Void
    ) throws(CatalogueRefusal) {
        _ = try required(name, .any)
        try items(name, max: max, body)
    }

    /// The members whose names are not among `known`, in their order.
    func others(than known: [String]) -> [JSONMember] { members.filter { !known.contains($0.name) } }

    /// Refuses members whose names are not among `known`.
    func refuseOthers(than known: [String]) throws(CatalogueRefusal) {
        guard let stranger = members.first(where: { !known.contains($0.name) }) else { return }
        throw CatalogueRefusal("is not a member of this format").within(member: stranger.name)
    }

    private subscript(name: String) -> JSONValue? {
        get throws(CatalogueRefusal) {
            var found: JSONValue?
            for member in members where member.name == name {
                guard found == nil else { throw CatalogueRefusal("is given twice") }
                found = member.value
            }
            if case .null = found { return nil }
            return found
        }
    }
}
