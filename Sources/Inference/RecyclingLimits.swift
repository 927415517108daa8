/// When a worker that works is replaced all the same. Nil: never.
public struct RecyclingLimits: Sendable, Equatable {
    /// Requests that it may answer, ± 10 %, so that workers do not all go at once.
    public var requests: Int?
    /// Age that it may reach, ± 10 % too.
    public var age: Duration?
    /// Time without work after which a worker beyond the smallest number leaves.
    public var idleAge: Duration?
    /// Resident bytes of its process group at which it is recycled after its request, and at which it is killed. Nil:
    /// twice what it held when it became ready plus 256 MiB, and four times that plus 512 MiB.
    public var softMemory, hardMemory: UInt64?

    /// Creates limits; without arguments only the proportional ones on memory.
    public init(
        requests: Int? = nil, age: Duration? = nil, idleAge: Duration? = nil, softMemory: UInt64? = nil,
        hardMemory: UInt64? = nil
    ) {
        self.requests = requests
        self.age = age
        self.idleAge = idleAge
        self.softMemory = softMemory
        self.hardMemory = hardMemory
    }
}
