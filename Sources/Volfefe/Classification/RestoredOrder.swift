/// Values that come back in any order, handed out in the order in which they were expected. Pure.
struct RestoredOrder<Item, Value> {
    private var waiting: [(item: Item, value: Value?)] = []
    /// Number of the first that waits.
    private var first = 0

    /// Items that were expected and not handed out yet.
    var count: Int { waiting.count }

    /// Puts an item at the end of the order, and gives its number.
    mutating func expect(_ item: Item) -> Int {
        waiting.append((item, nil))
        return first + waiting.count - 1
    }

    /// The value of the item with this number has come.
    mutating func put(_ value: Value, at number: Int) {
        waiting[number - first].value = value
    }

    /// Hands out the items at the front whose values have come.
    mutating func take() -> (items: [Item], values: [Value]) {
        let values = waiting.lazy.map(\.value).prefix { $0 != nil }.compactMap { $0 }
        let items = waiting.prefix(values.count).map(\.item)
        waiting.removeFirst(values.count)
        first += values.count
        return (items, Array(values))
    }
}
