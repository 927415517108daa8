/// Cuts items into batches for one request each.
///
/// Items are ordered by length first, so that a batch holds texts of similar length and little is padded; the caller puts
/// results back in order by their ids. A batch has at most `size` items and about `maxBytes` bytes of text.
public enum Batches {
    /// Batches of `items`; `bytes` gives the length of an item's text in UTF-8 bytes.
    public static func cut<Item>(
        _ items: [Item], size: Int, maxBytes: Int, sortedByLength: Bool = true, bytes: (Item) -> Int
    ) -> [[Item]] {
        let ordered = sortedByLength ? items.sorted { bytes($0) < bytes($1) } : items
        var batches: [[Item]] = []
        var batch: [Item] = []
        var total = 0
        for item in ordered {
            let length = bytes(item)
            if !batch.isEmpty, batch.count >= size || total + length > maxBytes {
                batches.append(batch)
                batch = []
                total = 0
            }
            batch.append(item)
            total += length
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }
}
