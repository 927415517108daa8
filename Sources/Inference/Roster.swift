/// Which workers there are, and what happens to them: launched, kept, recycled, let go. Pure: time, chance and the memory
/// that is left are parameters; what is decided comes back as actions for the pool to carry out.
struct Roster: Sendable {
    /// What the pool has to do.
    enum Action: Equatable, Sendable {
        /// Launch a process in the slot after a pause.
        case launch(slot: Int, generation: Int, after: Duration)
        /// Let the worker leave when it has answered what it is working on.
        case retire(generation: Int)
        /// End the worker now.
        case kill(generation: Int)
        /// Give the idle worker a text, to see that it answers.
        case probe(generation: Int)
    }

    /// Bounds on the workers.
    struct Limits: Sendable {
        /// Slots that are kept filled, and slots at most.
        var minimum, maximum: Int
        /// When a worker that works is replaced.
        var recycling: RecyclingLimits
        /// Idleness after which a worker is probed; nil: never.
        var probeInterval: Duration?
    }

    /// One process, from the decision to launch it to its end.
    struct Member: Sendable {
        /// `starting` becomes `idle`; `idle` and `busy` alternate; all of them may end.
        enum State: Sendable, Equatable { case starting, idle, busy }

        let generation, slot: Int
        let launchedAt: ContinuousClock.Instant
        var state = State.starting
        /// Older member of the slot that goes when this one is ready.
        var replaces: Int?
        /// Why it is to go; nil while it is to stay.
        var recycling: EndingKind?
        /// Whether it takes no more requests.
        var isRetiring = false
        /// Until then a failed attempt to replace it is not repeated.
        var recyclesFrom: ContinuousClock.Instant?
        /// Whether it is being killed for its memory.
        var isDoomed = false
        var pid: Int32?
        var models: [String] = []
        var requests = 0
        var texts = 0
        /// When it last answered a request, and when it last answered anything.
        var lastWorkAt: ContinuousClock.Instant?
        var lastProofAt: ContinuousClock.Instant?
        var lastLatency: Duration?
        var memory: UInt64?
        var memoryWhenReady: UInt64?
        /// Number in 0.9..<1.1 that spreads its limits.
        let spread: Double
    }

    /// What a slot remembers of its processes.
    struct Slot: Sendable {
        let number: Int
        var restarts: [EndingKind: Int] = [:]
        var lastEnding: String?
        var isWaiting = false
    }

    let limits: Limits
    var slots: [Slot]
    /// Generation → that process.
    var members: [Int: Member] = [:]
    private(set) var isClosing = false
    /// Workers that a rolling reset has still to replace, oldest first.
    var resetting: [Int] = []
    private var policy: RestartPolicy
    var lastGeneration = 0

    init(limits: Limits, policy: RestartPolicy) {
        self.limits = limits
        self.policy = policy
        slots = (1...max(limits.maximum, 1)).map { Slot(number: $0) }
    }

    /// Workers that can take requests.
    var serving: [Member] { members.values.filter { $0.state != .starting } }

    /// Whether a worker should prove itself with a text that is known to be harmless before it gets the next request.
    var wantsCanary: Bool { policy.wantsCanary }

    // MARK: - Events

    /// The pool has opened: the smallest number of workers is launched.
    mutating func open(at now: ContinuousClock.Instant, chance: Double) -> [Action] {
        // A request may have come first and called for workers.
        slots.prefix(limits.minimum).filter { !hasOther(in: $0.number) }
            .map { launch(slot: $0.number, at: now, chance: chance) }
    }

    /// No more requests will come, or the pool has failed: nobody is launched any more.
    mutating func close() { isClosing = true }

    /// So many requests wait: one more worker for each that nobody is about to take, as long as memory is there.
    mutating func demand(
        waiting: Int, at now: ContinuousClock.Instant, chance: Double, affords: (_ launches: Int) -> Bool
    ) -> [Action] {
        guard !isClosing, !members.values.contains(where: { $0.state == .idle && !$0.isRetiring }) else { return [] }
        let coming = members.values.filter { $0.state == .starting && $0.replaces == nil }.count
        let vacant = slots.filter { slot in
            !slot.isWaiting && !members.values.contains { $0.slot == slot.number }
        }
        var actions: [Action] = []
        for slot in vacant.prefix(max(waiting - coming, 0)) where affords(coming + actions.count + 1) {
            actions.append(launch(slot: slot.number, at: now, chance: chance))
        }
        return actions
    }

    /// The pause before a launch is over and the process is being started.
    mutating func launched(_ generation: Int) {
        guard let member = members[generation] else { return }
        slots[member.slot - 1].isWaiting = false
    }

    /// A worker is ready; one that it replaces may go.
    mutating func ready(
        _ generation: Int, pid: Int32, models: [String], at now: ContinuousClock.Instant, chance: Double,
        affords: () -> Bool
    ) -> [Action] {
        policy.becameReady()
        guard var member = members[generation] else { return [] }
        member.state = .idle
        member.pid = pid
        member.models = models
        member.lastWorkAt = now
        member.lastProofAt = now
        let replaced = member.replaces
        member.replaces = nil
        members[generation] = member
        let actions = replaced.map { retire($0) } ?? []
        return actions + continueReset(at: now, chance: chance, affords: affords)
    }

    /// A worker has taken a request.
    mutating func took(_ generation: Int) {
        members[generation]?.state = .busy
    }

    /// A worker has answered; `texts` is 0 for a probe.
    mutating func answered(
        _ generation: Int, texts: Int, latency: Duration, at now: ContinuousClock.Instant, chance: Double,
        affords: () -> Bool
    ) -> [Action] {
        policy.answered()
        guard var member = members[generation] else { return [] }
        member.state = .idle
        if texts > 0 {
            member.requests += 1
            member.texts += texts
            member.lastWorkAt = now
            member.lastLatency = latency
        }
        member.lastProofAt = now
        members[generation] = member
        guard let reason = reasonToRecycle(member, at: now) else { return [] }
        return recycle(generation, for: reason, at: now, chance: chance, affords: affords)
    }

    /// What a worker's process group holds now: its first measure is what it is compared with.
    mutating func measured(_ generation: Int, memory: UInt64) -> [Action] {
        guard let member = members[generation], member.state != .starting else { return [] }
        members[generation]?.memory = memory
        if member.memoryWhenReady == nil { members[generation]?.memoryWhenReady = memory }
        guard memory > hardMemory(member), !member.isDoomed else { return [] }
        members[generation]?.isDoomed = true
        return [.kill(generation: generation)]
    }

    /// Time has passed: old workers are recycled, extra ones leave, idle ones are probed.
    mutating func tick(at now: ContinuousClock.Instant, chance: Double, affords: () -> Bool) -> [Action] {
        guard !isClosing else { return [] }
        var actions: [Action] = []
        for member in members.values.sorted(by: { $0.generation < $1.generation }) where member.state == .idle {
            if let reason = reasonToRecycle(member, at: now) {
                actions += recycle(member.generation, for: reason, at: now, chance: chance, affords: affords)
            } else if isTooIdle(member, at: now) {
                members[member.generation]?.recycling = .idle
                actions += retire(member.generation)
            } else if let interval = limits.probeInterval, !member.isRetiring,
                now - (member.lastProofAt ?? now) >= interval
            {
                members[member.generation]?.lastProofAt = now
                actions.append(.probe(generation: member.generation))
            }
        }
        return actions + continueReset(at: now, chance: chance, affords: affords)
    }

    /// Replaces every worker: all at once, or one after the other, each once its successor is ready.
    mutating func reset(
        rolling: Bool, at now: ContinuousClock.Instant, chance: Double, affords: () -> Bool
    ) -> [Action] {
        let all = members.keys.sorted()
        guard rolling else {
            return all.flatMap { generation -> [Action] in
                members[generation]?.recycling = .reset
                return retire(generation)
            }
        }
        resetting = all
        return continueReset(at: now, chance: chance, affords: affords)
    }

    /// A process has ended. Returns nil where the pool has to give up.
    mutating func ended(
        _ generation: Int, _ kind: EndingKind, reason: String, wasReady: Bool, at now: ContinuousClock.Instant,
        chance: Double, affords: () -> Bool
    ) -> [Action]? {
        guard let member = members.removeValue(forKey: generation), !isClosing else { return [] }
        slots[member.slot - 1].isWaiting = false
        slots[member.slot - 1].restarts[kind, default: 0] += 1
        slots[member.slot - 1].lastEnding = reason
        var actions: [Action] = []
        let successor = members.values.first { $0.replaces == generation }?.generation
        if let successor { members[successor]?.replaces = nil }
        if kind.isPlanned {
            if successor == nil, kind != .idle, !hasOther(in: member.slot) {
                actions = [launch(slot: member.slot, at: now, chance: chance)]
            }
        } else {
            switch policy.ended(wasReady ? .diedAtWork : .neverReady, at: now, chance: chance) {
            // While others serve, a worker that cannot start is no reason to stop.
            case .giveUp where wasReady || serving.isEmpty: return nil
            case .giveUp, .relaunch:
                let pause = policy.pause
                if let replaced = member.replaces, members[replaced] != nil {
                    // The successor could not start; the old one goes on and is replaced later.
                    members[replaced]?.recycling = nil
                    members[replaced]?.recyclesFrom = now + pause
                } else if successor == nil, !hasOther(in: member.slot) {
                    actions = [launch(slot: member.slot, at: now, chance: chance, after: pause)]
                }
            }
        }
        return actions + continueReset(at: now, chance: chance, affords: affords)
    }
}
