import Testing

@testable import Volfefe

@Suite struct RestoredOrderTests {
    @Test(arguments: 1...20) func `whatever the order they come in, values leave in the order of the items`(count: Int)
    {
        var order = RestoredOrder<Int, String>()
        var expected: [Int] = []
        var items: [Int] = []
        var values: [String] = []
        for round in 0..<5 {
            let numbers = (0..<count).map { order.expect(round * 100 + $0) }
            expected += (0..<count).map { round * 100 + $0 }
            for number in numbers.shuffled() {
                order.put("value \(number)", at: number)
                let (some, theirs) = order.take()
                items += some
                values += theirs
            }
            #expect(order.count == 0)
        }
        #expect(items == expected)
        #expect(values == (0..<count * 5).map { "value \($0)" })
    }

    @Test func `nothing overtakes an item whose value is not there yet`() {
        var order = RestoredOrder<String, Int>()
        let first = order.expect("a")
        let second = order.expect("b")
        order.put(2, at: second)
        #expect(order.take().items.isEmpty && order.count == 2)
        order.put(1, at: first)
        #expect(order.take().values == [1, 2])
    }
}
