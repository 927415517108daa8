extension PhasePool {
    /// Texts per request at most, and at least where there are several processes to share them.
    private static let most = 256
    private static let fewest = 32
    /// What a process is asked that has to prove itself: it names nothing, and kills nobody.
    private static let harmlessText = "The market opened unchanged today."

    /// Looks at each text with `phases` (nil: all loaded ones that look at single texts); one answer per text, in order.
    ///
    /// A text at which a process dies or hangs gets a failure, its neighbours get their answers. Throws `InferenceError` when
    /// no process can serve, or a phase is not loaded.
    public func annotate(_ texts: [String], phases: [String]? = nil) async throws -> [PhaseAnnotations] {
        let phases = phases ?? configuration.textPhases
        if let stranger = phases.first(where: { !configuration.textPhases.contains($0) }) {
            throw InferenceError.refused(
                request: "annotate", code: "bad_request",
                message: "phase \(stranger) is not loaded, or reads no single texts")
        }
        guard !texts.isEmpty, !phases.isEmpty else { return texts.map { _ in PhaseAnnotations() } }
        return try await withThrowingTaskGroup(of: (Int, [PhaseAnnotations]).self) { group in
            for range in parts(of: texts) {
                group.addTask { (range.lowerBound, try await self.answers(to: texts[range], phases)) }
            }
            var answers = texts.map { _ in PhaseAnnotations() }
            for try await (start, found) in group {
                answers.replaceSubrange(start..<start + found.count, with: found)
            }
            return answers
        }
    }

    /// Ranges of texts for one request each; a line may be six times as long as its texts.
    private func parts(of texts: [String]) -> [Range<Int>] {
        let share = (texts.count + configuration.processes - 1) / configuration.processes
        let limit = min(max(share, Self.fewest), Self.most)
        var parts: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for (index, text) in texts.enumerated() {
            let size = text.utf8.count
            if index > start, index - start == limit || bytes + size > configuration.maxLineBytes / 8 {
                parts.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += size
        }
        parts.append(start..<texts.count)
        return parts
    }

    /// What the phases find in texts; `deaths` of processes speak against a lone one.
    private func answers(
        to texts: ArraySlice<String>, _ phases: [String], deaths: Int = 0
    ) async throws -> [PhaseAnnotations] {
        let connection = try await desk.take()
        let failure: PhaseFailure
        var isDeadly = false
        var isProven = true
        do {
            if wantsCanary {
                isProven = false
                _ = try await annotate([Self.harmlessText], phases, over: connection)
                answered()
                isProven = true
            }
            let found = try await annotate(texts, phases, over: connection)
            desk.giveBack(connection)
            answered()
            return found
        } catch let refusal as PhaseConnection.Refusal {
            desk.giveBack(connection)
            failure = PhaseFailure(code: refusal.code, message: refusal.message)
        } catch {
            desk.giveBack(connection)
            try Task.checkCancellation()
            failure = Self.failure(await connection.ending())
            // It has died over a harmless text: these are not to blame. Too many such deaths end the pool.
            guard isProven else { return try await answers(to: texts, phases, deaths: deaths) }
            isDeadly = true
        }
        guard texts.count > 1 else {
            // Once may be chance: something else may have ended the process.
            guard isDeadly, deaths == 0 else {
                if isDeadly { counters.change { $0.poisoned += 1 } }
                return [PhaseAnnotations(failure, phases: phases)]
            }
            return try await answers(to: texts, phases, deaths: 1)
        }
        counters.change { $0.bisections += 1 }
        var found: [PhaseAnnotations] = []
        for half in RequestPart.halves(of: texts.indices) { found += try await answers(to: texts[half], phases) }
        return found
    }

    private func annotate(
        _ texts: ArraySlice<String>, _ phases: [String], over connection: PhaseConnection
    ) async throws -> [PhaseAnnotations] {
        let begun = ContinuousClock.now
        let bytes = try await connection.ask(.annotate(texts: Array(texts), phases: phases))
        let items = try connection.read(AnnotatedTexts.self, bytes).items
        guard items.count == texts.count else {
            throw connection.violation("\(items.count) answers for \(texts.count) texts")
        }
        counters.answered(texts: texts.count, queueTime: .zero, latency: .now - begun)
        return items.map { $0.annotations(of: phases) }
    }

    private static func failure(_ ending: WorkerEnding?) -> PhaseFailure {
        let code =
            switch ending?.kind {
            case .timeout: "timeout"
            case .protocolViolation: "bad_reply"
            default: "worker_died"
            }
        return PhaseFailure(
            code: code, message: "the worker failed at this text twice: \(ending?.reason ?? "it is gone")")
    }
}
