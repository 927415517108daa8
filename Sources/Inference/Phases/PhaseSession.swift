extension PhasePool {
    /// Gives `body` one process for itself: what it holds and knows there is seen by nobody else, and gone afterwards.
    ///
    /// Calls of the session throw `InferenceError` when the process dies or refuses; nothing of it is left then.
    public func session<R: Sendable>(_ body: (PhaseSession) async throws -> R) async throws -> R {
        let connection = try await desk.take()
        let session = PhaseSession(connection: connection, pool: self)
        do {
            let value = try await body(session)
            await end(connection)
            return value
        } catch {
            await end(connection)
            throw error
        }
    }

    /// Gives the process back as it came; where that cannot be, it goes.
    private func end(_ connection: PhaseConnection) async {
        if connection.isUsable { _ = try? await connection.ask(.forget) }
        desk.giveBack(connection)
    }
}

/// One process that holds contents and knows entities, for the phases that look at all of them.
public struct PhaseSession: Sendable {
    let connection: PhaseConnection
    let pool: PhasePool

    private struct Decisions: Decodable {
        let items: [Resolution]
    }

    /// Holds contents; a known key is replaced. What does not fit into a line is sent in several.
    public func hold(_ texts: [HeldText]) async throws {
        for part in parts(of: texts, bytes: { $0.text.utf8.count + ($0.source?.utf8.count ?? 0) + 64 }) {
            _ = try await ask(.hold(Array(part)))
        }
    }

    /// Lets `phase` (topics or stories) look at what is held; `part` gets what it finds, in pieces.
    public func find(_ phase: String, part: (FoundPart) async throws -> Void) async throws -> FoundSummary {
        let bytes = try await ask(.find(phase: phase)) { bytes in
            try await part(try connection.read(FoundPart.self, bytes))
        }
        return try await read(FoundSummary.self, bytes)
    }

    /// Remembers entities that found names are compared with.
    public func know(_ entities: [KnownEntity]) async throws {
        for part in parts(
            of: entities, bytes: { $0.aliases.reduce($0.name.utf8.count + 96) { $0 + $1.utf8.count + 4 } })
        {
            _ = try await ask(.know(Array(part)))
        }
    }

    /// Decides on found names, one after the other; one decision per name, in order.
    public func resolve(_ names: [FoundName]) async throws -> [Resolution] {
        var decisions: [Resolution] = []
        for part in parts(of: names, bytes: { $0.name.utf8.count + 96 }) {
            let bytes = try await ask(.resolve(Array(part)))
            decisions += try await read(Decisions.self, bytes).items
        }
        guard decisions.map(\.key) == names.map(\.key) else {
            throw await lost(connection.violation("decisions on other names"))
        }
        return decisions
    }

    /// How often `resolve` decides as people did.
    public func check() async throws -> ResolutionCheck {
        let bytes = try await ask(.check)
        return try await read(ResolutionCheck.self, bytes)
    }

    /// Holds and knows nothing any more.
    public func forget() async throws {
        _ = try await ask(.forget)
    }

    // MARK: - Asking

    private func ask(
        _ request: PhaseRequest, part: ([UInt8]) async throws -> Void = { _ in }
    ) async throws -> [UInt8] {
        do {
            let bytes = try await connection.ask(request, part: part)
            pool.answered()
            return bytes
        } catch let refusal as PhaseConnection.Refusal {
            throw InferenceError.refused(request: request.type, code: refusal.code, message: refusal.message)
        } catch let fault as WorkerFault {
            throw await lost(fault)
        } catch let fatal as FatalReply {
            throw InferenceError.cannotStart(fatal.fatal)
        }
    }

    private func read<Reply: Decodable>(_ type: Reply.Type, _ bytes: [UInt8]) async throws -> Reply {
        do {
            return try connection.read(type, bytes)
        } catch let fault as WorkerFault {
            throw await lost(fault)
        }
    }

    /// The process is gone: the session's hold on it ends here, so that it can be said how.
    private func lost(_ fault: WorkerFault) async -> any Error {
        pool.desk.giveBack(connection)
        if Task.isCancelled { return CancellationError() }
        return pool.lost(await connection.ending())
    }

    /// Cuts items into lines: an eighth of what a line may hold, as JSON needs up to six bytes for one.
    private func parts<Item>(of items: [Item], bytes: (Item) -> Int) -> [ArraySlice<Item>] {
        let limit = pool.configuration.maxLineBytes / 8
        var parts: [ArraySlice<Item>] = []
        var start = 0
        var size = 0
        for (index, item) in items.enumerated() {
            let next = bytes(item)
            if index > start, size + next > limit || index - start == 5000 {
                parts.append(items[start..<index])
                (start, size) = (index, 0)
            }
            size += next
        }
        if start < items.count { parts.append(items[start...]) }
        return parts
    }
}
