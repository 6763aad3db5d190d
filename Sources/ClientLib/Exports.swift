// Messages are the vocabulary of the client too: a `Concert` or a `Place` is what the wire carries, with no second set
// of types around it. So whoever imports the client sees them without naming the module they come from.
@_exported import BoxOfficeProtocol
