extension WorkerPool {
    /// How the pool is now.
    public var snapshot: PoolSnapshot {
        let now = ContinuousClock.now
        let (roster, models, failure) = core.withLock { ($0.roster, $0.health.models(at: now), $0.failure) }
        let verdict = Self.judge(roster, models, window: configuration.healthWindow, failure: failure)
        let workers = roster.slots.flatMap { slot in Self.workers(in: slot, of: roster, at: now) }
        return PoolSnapshot(
            state: verdict.state, reasons: verdict.reasons, minWorkers: roster.limits.minimum,
            maxWorkers: roster.limits.maximum, waiting: queue.count,
            running: workers.count { $0.state == .busy }, workers: workers, models: models,
            counters: counters.current)
    }

    /// Ready means that workers live and that every model has answered lately; nothing else counts as proof.
    static func judge(
        _ roster: Roster, _ models: [PoolSnapshot.Model], window: Duration, failure: String?
    ) -> (state: PoolSnapshot.State, reasons: [String]) {
        var against: [String] = []
        if let failure { against.append(failure) }
        let serving = roster.serving.count
        if serving == 0 {
            let lastEndings = roster.slots.compactMap(\.lastEnding)
            against.append("no worker serves" + (lastEndings.first.map { "; the last one: \($0)" } ?? ""))
        }
        for model in models where model.missing == nil {
            guard let age = model.lastForwardAgeMs else {
                against.append("\(model.id) has not answered yet")
                continue
            }
            if age > window / .milliseconds(1) {
                against.append("\(model.id) last answered \(Int(age / 1000)) s ago")
            }
        }
        if roster.isClosing, failure == nil { return (.draining, ["the work is done or was stopped"]) }
        guard against.isEmpty else { return (.unready, against) }
        var short = models.compactMap { model in model.missing.map { "\(model.id) could not be loaded: \($0)" } }
        if serving < roster.limits.minimum {
            short.append("\(serving) of at least \(roster.limits.minimum) workers serve")
        }
        return short.isEmpty ? (.ready, []) : (.degraded, short)
    }

    private static func workers(
        in slot: Roster.Slot, of roster: Roster, at now: ContinuousClock.Instant
    ) -> [PoolSnapshot.Worker] {
        func empty(_ state: PoolSnapshot.Worker.State) -> PoolSnapshot.Worker {
            var worker = PoolSnapshot.Worker(slot: slot.number, state: state)
            for (kind, count) in slot.restarts { worker.restarts[kind.rawValue] = count }
            worker.lastEnding = slot.lastEnding
            return worker
        }
        let members = roster.members.values.filter { $0.slot == slot.number }.sorted { $0.generation < $1.generation }
        guard !members.isEmpty else { return [empty(.vacant)] }
        return members.map { member in
            let state: PoolSnapshot.Worker.State =
                switch member.state {
                case .starting: slot.isWaiting ? .waiting : .starting
                case .idle: member.isRetiring ? .retiring : .idle
                case .busy: member.isRetiring ? .retiring : .busy
                }
            var worker = empty(state)
            worker.generation = member.generation
            worker.pid = member.pid
            worker.models = member.models
            worker.requests = member.requests
            worker.texts = member.texts
            worker.memoryBytes = member.memory
            worker.ageMs = (now - member.launchedAt) / .milliseconds(1)
            worker.idleMs = member.state == .idle ? member.lastWorkAt.map { (now - $0) / .milliseconds(1) } : nil
            worker.lastLatencyMs = member.lastLatency.map { $0 / .milliseconds(1) }
            return worker
        }
    }
}
