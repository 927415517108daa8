/// The steps that the events of a roster consist of.
extension Roster {
    /// Whether another process is in the slot.
    func hasOther(in slot: Int) -> Bool { members.values.contains { $0.slot == slot } }

    /// Enters a new process; `pause` from now on.
    mutating func launch(
        slot: Int, at now: ContinuousClock.Instant, chance: Double, after pause: Duration = .zero, replaces: Int? = nil
    ) -> Action {
        lastGeneration += 1
        members[lastGeneration] = Member(
            generation: lastGeneration, slot: slot, launchedAt: now + pause, replaces: replaces,
            spread: 0.9 + 0.2 * chance)
        slots[slot - 1].isWaiting = pause > .zero
        return .launch(slot: slot, generation: lastGeneration, after: pause)
    }

    /// Lets a worker go when it has answered.
    mutating func retire(_ generation: Int) -> [Action] {
        guard let member = members[generation], !member.isRetiring else { return [] }
        members[generation]?.isRetiring = true
        return [.retire(generation: generation)]
    }

    /// With its successor warm before it goes where memory allows; otherwise it goes first.
    mutating func recycle(
        _ generation: Int, for reason: EndingKind, at now: ContinuousClock.Instant, chance: Double, affords: () -> Bool
    ) -> [Action] {
        guard !isClosing, let member = members[generation], member.recycling == nil,
            member.recyclesFrom.map({ now >= $0 }) ?? true
        else { return [] }
        members[generation]?.recycling = reason
        guard affords() else { return retire(generation) }
        return [launch(slot: member.slot, at: now, chance: chance, replaces: generation)]
    }

    /// Goes on with a rolling reset, when nobody is just being replaced.
    mutating func continueReset(
        at now: ContinuousClock.Instant, chance: Double, affords: () -> Bool
    ) -> [Action] {
        while let next = resetting.first {
            guard let member = members[next] else {
                resetting.removeFirst()
                continue
            }
            // One at a time: its successor is on its way, or it is about to be ready itself.
            guard member.recycling == nil, member.state != .starting else { return [] }
            return recycle(next, for: .reset, at: now, chance: chance, affords: affords)
        }
        return []
    }

    /// Why a worker has served long enough, if it has.
    func reasonToRecycle(_ member: Member, at now: ContinuousClock.Instant) -> EndingKind? {
        guard member.recycling == nil, !member.isRetiring else { return nil }
        if let requests = limits.recycling.requests, Double(member.requests) >= Double(requests) * member.spread {
            return .maxRequests
        }
        if let age = limits.recycling.age, now - member.launchedAt >= age * member.spread { return .maxAge }
        if let memory = member.memory, memory > softMemory(member) { return .softMemory }
        return nil
    }

    /// Whether a worker is not needed any more.
    func isTooIdle(_ member: Member, at now: ContinuousClock.Instant) -> Bool {
        guard let limit = limits.recycling.idleAge, !member.isRetiring, member.recycling == nil else { return false }
        let staying = members.values.filter { !$0.isRetiring && $0.replaces == nil }.count
        return staying > limits.minimum && idleness(member, at: now) >= limit
    }

    private func idleness(_ member: Member, at now: ContinuousClock.Instant) -> Duration {
        now - (member.lastWorkAt ?? now)
    }

    private func softMemory(_ member: Member) -> UInt64 {
        limits.recycling.softMemory ?? member.memoryWhenReady.map { 2 * $0 + 256 << 20 } ?? .max
    }

    /// Bytes at which a worker is killed.
    func hardMemory(_ member: Member) -> UInt64 {
        limits.recycling.hardMemory ?? member.memoryWhenReady.map { 4 * $0 + 512 << 20 } ?? .max
    }
}
