extension WorkerPool {
    /// What a worker is asked when the pool wants to know whether it works.
    private static let harmlessText = "The market opened unchanged today."

    /// Gives requests to a worker until it is dismissed or the pool closes.
    func serve(_ connection: WorkerConnection, current: CurrentPart) async throws {
        let generation = connection.generation
        var requests = 0
        if core.withLock({ $0.roster.wantsCanary }) {
            requests += 1
            try await answer(probePart, number: requests, over: connection)
        }
        while let part = await queue.next(for: generation) {
            requests += 1
            guard connection.channel.mailbox.lost == nil else {
                // It has died before it was asked: no text is to blame.
                queue.add([part], first: true)
                break
            }
            current.set(part)
            try await answer(part, number: requests, over: connection)
            current.clear()
        }
    }

    /// Sends one part and hands out its results.
    private func answer(_ part: RequestPart, number: Int, over connection: WorkerConnection) async throws {
        let submission = part.submission
        let generation = connection.generation
        let id = "g\(generation)-\(number)"
        let texts = Array(submission.texts[part.range])
        let line = try WorkerMessage.encode(WorkerRequest(id: id, models: submission.models, texts: texts))
        guard line.count <= configuration.maxLineBytes else { return split(part) }
        let begun = ContinuousClock.now
        core.withLock { $0.roster.took(generation) }
        var results = try await connection.classify(
            line, id: id, texts: texts.count, models: submission.models, isFirst: number == 1)
        let ended = ContinuousClock.now
        if submission.isProbe {
            counters.change { $0.probes += 1 }
        } else {
            counters.answered(texts: texts.count, queueTime: begun - part.since, latency: ended - begun)
        }
        act { core in
            if !submission.isProbe { core.background.answered(after: part.ownDeaths) }
            core.health.answered(results, isProbe: submission.isProbe, at: ended)
            return core.roster.answered(
                generation, texts: submission.isProbe ? 0 : texts.count, latency: ended - begun, at: ended,
                chance: chance, affords: affordsOne)
        }
        let queueMs = max((begun - part.since) / .milliseconds(1), 0)
        for index in results.indices { results[index].queueMs = queueMs }
        submission.fulfil(part.range, with: results)
    }

    /// Asks an idle worker to answer; one that does not is dealt with like any other late one.
    func probe(_ generation: Int) {
        _ = queue.offer(probePart, to: generation)
    }

    private var probePart: RequestPart {
        let models = core.withLock { $0.health.loadedModels }
        return RequestPart(
            submission: Submission(texts: [Self.harmlessText], models: models, isProbe: true), range: 0..<1)
    }

    /// A worker has died over a part: it is tried again, cut in two, or its one text is set aside.
    func charge(_ part: RequestPart, for ending: WorkerEnding) {
        let timedOut = ending.kind == .timeout
        if timedOut { counters.change { $0.timeouts += 1 } }
        guard !part.submission.isProbe else { return part.submission.abort(CancellationError()) }
        // A deadline that passed is the text's doing, whatever else happens.
        let evidence = timedOut ? 0 : core.withLock { $0.background.evidence }
        var part = part
        part.deaths += 1
        part.ownDeaths += 1
        part.since = .now
        switch RequestPart.fate(
            range: part.range, deaths: part.deaths, maxAttempts: configuration.maxAttempts, evidence: evidence)
        {
        case .retry: queue.add([part], first: true)
        case .split(let halves):
            counters.change { $0.bisections += 1 }
            queue.add(
                halves.map { RequestPart(submission: part.submission, range: $0.range, deaths: $0.deaths) },
                first: true)
        case .setAside:
            counters.change { $0.poisoned += 1 }
            part.submission.fail(
                part.range,
                with: timedOut
                    ? .init(
                        code: "timeout", message: "no answer in time, \(part.deaths) times: \(ending.reason)",
                        detail: ending.evidence)
                    : .init(
                        code: "poison",
                        message: "\(part.deaths) workers died at this text, the last: \(ending.reason)",
                        detail: ending.evidence))
        }
    }

    /// A request longer than a line may be is sent in halves; a single such text fails.
    private func split(_ part: RequestPart) {
        guard part.range.count > 1 else {
            let message = "the text is longer than the \(configuration.maxLineBytes) bytes that a request may have"
            return part.submission.fail(part.range, with: .init(code: "bad_text", message: message))
        }
        queue.add(
            RequestPart.halves(of: part.range).map {
                RequestPart(submission: part.submission, range: $0, deaths: part.deaths)
            }, first: true)
    }
}
