import Foundation
import Synchronization

/// A phase worker that is ready, and the conversation with it. It is in one hand at a time.
final class PhaseConnection: Sendable {
    /// A request that the process has refused, or failed at, and survived.
    struct Refusal: Error {
        let code: String
        let message: String
    }

    /// Number of this launch in the pool; part of every request id.
    let generation: Int
    /// Opens when the process may go: the pool closes, or it is of no more use.
    let leaving = Latch()
    private let channel: WireChannel<PhaseMessage>
    private let configuration: PhasePoolConfiguration
    private let requests = Mutex(0)
    private let ended = Latch()
    private let end = Mutex<WorkerEnding?>(nil)

    init(_ channel: WireChannel<PhaseMessage>, generation: Int, configuration: PhasePoolConfiguration) {
        self.channel = channel
        self.generation = generation
        self.configuration = configuration
    }

    /// Sends `start` on a fresh channel and waits for `ready`.
    static func start(
        _ channel: WireChannel<PhaseMessage>, _ configuration: PhasePoolConfiguration
    ) async throws -> PhaseReady {
        let start = PhaseStart(
            phases: configuration.phases, threads: configuration.threads, settings: configuration.settings)
        let answer: PhaseMessage
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
        guard Set(ready.phases.map(\.name)) == Set(configuration.phases) else {
            throw WorkerFault.protocolViolation("its ready line does not name the phases that it was given")
        }
        return ready
    }

    /// Whether it can still be asked.
    var isUsable: Bool { channel.mailbox.lost == nil }

    /// Sends a request and gives the bytes of its result; `part` gets each line before it.
    ///
    /// Throws `Refusal` when the process is well all the same. After any other error it is not: a `WorkerFault`, a
    /// cancellation, or what `part` throws.
    func ask(_ request: PhaseRequest, part: ([UInt8]) async throws -> Void = { _ in }) async throws -> [UInt8] {
        let number = requests.withLock { number in
            number += 1
            return number
        }
        let id = "g\(generation)-\(number)"
        let line = try request.line(id: id)
        guard line.count <= configuration.maxLineBytes else {
            throw Refusal(
                code: "bad_text",
                message: "the request is longer than the \(configuration.maxLineBytes) bytes of a line")
        }
        let limit = configuration.requestTimeout
        do {
            var answer = try await channel.exchange(line, id: id, timeout: limit)
            while case .part(_, let bytes) = answer {
                try await part(bytes)
                answer = try await channel.more(timeout: limit)
            }
            switch answer {
            case .result(_, let bytes): return bytes
            case .requestError(let error): throw Refusal(code: error.code, message: error.message)
            case .ready, .part, .fatal: throw WorkerFault.protocolViolation("an answer of the wrong type")
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            let fault: WorkerFault =
                switch error {
                case is DeadlineExceeded: .requestTimeout(limit)
                case let fault as WorkerFault: fault
                default: .exited
                }
            // Whatever it still says belongs to nobody.
            channel.mailbox.close(fault)
            throw error is DeadlineExceeded ? fault : error
        }
    }

    /// What an answer says; one that cannot be read ends the process.
    func read<Reply: Decodable>(_ type: Reply.Type, _ bytes: [UInt8]) throws -> Reply {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw violation("an answer that lacks what was asked for")
        }
    }

    /// Gives the process up for what it said.
    func violation(_ what: String) -> WorkerFault {
        let fault = WorkerFault.protocolViolation(what)
        channel.mailbox.close(fault)
        return fault
    }

    /// The process is gone.
    func ended(_ ending: WorkerEnding) {
        end.withLock { $0 = ending }
        ended.open()
    }

    /// How its life ended. Waits for it: call it once the process has been given back.
    func ending() async -> WorkerEnding? {
        await ended.wait()
        return end.withLock { $0 }
    }
}
