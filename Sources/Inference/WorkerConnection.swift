/// The conversation with one live worker: one request at a time, each with a deadline.
struct WorkerConnection: Sendable {
    let channel: WireChannel<WorkerMessage>
    let configuration: WorkerPoolConfiguration
    let generation: Int

    /// Sends `start` and waits for `ready`.
    func start() async throws -> WorkerReady {
        let start = WorkerStart(
            threads: configuration.threadsPerWorker, cacheDirectory: configuration.cacheDirectory,
            models: configuration.models, degraded: configuration.degraded)
        let answer: WorkerMessage
        do {
            answer = try await channel.exchange(
                WorkerMessage.encode(start), id: nil, timeout: configuration.startTimeout)
        } catch is DeadlineExceeded {
            throw WorkerFault.startTimeout(configuration.startTimeout)
        }
        guard case .ready(let ready) = answer else { throw WorkerFault.protocolViolation("no ready line") }
        guard ready.protocol == WorkerMessage.protocolNumber else {
            throw WorkerFault.protocolViolation(
                "it speaks protocol \(ready.protocol), this program speaks \(WorkerMessage.protocolNumber)")
        }
        let missing = configuration.degraded ? (ready.missing ?? []).compactMap(\.model) : []
        guard Set(ready.models.map(\.id) + missing) == Set(configuration.models.map(\.id)), !ready.models.isEmpty else {
            throw WorkerFault.protocolViolation("its ready line does not name the models that it was given")
        }
        return ready
    }

    /// Runs `models` on `texts`; the results are in the order of the texts.
    func classify(_ line: [UInt8], id: String, texts: Int, models: [String], isFirst: Bool) async throws
        -> [ModelResults]
    {
        let limit = configuration.timeout(texts: texts, isFirst: isFirst)
        let answer: WorkerMessage
        do {
            answer = try await channel.exchange(line, id: id, timeout: limit)
        } catch is DeadlineExceeded {
            throw WorkerFault.requestTimeout(limit)
        }
        switch answer {
        case .result(let result):
            guard result.items.count == texts else {
                throw WorkerFault.protocolViolation("\(result.items.count) answers for \(texts) texts")
            }
            return result.items.map { item in
                let outcomes = models.map { model in
                    let missing = ModelFailure(code: "bad_reply", message: "the worker's answer lacks this model")
                    return (model, item.models[model] ?? .failure(missing))
                }
                return ModelResults(
                    models: Dictionary(outcomes, uniquingKeysWith: { first, _ in first }), textInfo: item.textInfo)
            }
        case .requestError(let error):
            let failure = ModelOutcome.failure(.init(code: error.code, message: error.message))
            let outcomes = Dictionary(models.map { ($0, failure) }, uniquingKeysWith: { first, _ in first })
            return Array(repeating: ModelResults(models: outcomes, textInfo: nil), count: texts)
        case .ready, .fatal:
            throw WorkerFault.protocolViolation("an answer of the wrong type")
        }
    }
}
