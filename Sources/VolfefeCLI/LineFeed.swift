import Foundation
import Inference
import Synchronization
import Volfefe

/// Reads lines from standard input on a thread of its own and hands them over in batches, no faster than they are taken.
///
/// A batch is what has arrived, up to the batch size: a slow producer's line is passed on at once. The thread may block in
/// `read` for ever; nobody waits for it.
final class LineFeed: Sendable {
    typealias Item = StreamRun.Item

    private let batches: AsyncThrowingStream<[Item], any Error>
    private let continuation: AsyncThrowingStream<[Item], any Error>.Continuation
    /// Room for two batches. Made with zero, because one that ends below its first value is a crash.
    private let room = DispatchSemaphore(value: 0)

    init(jsonl: Bool, batchSize: Int, maxLineBytes: Int) {
        (batches, continuation) = AsyncThrowingStream.makeStream()
        for _ in 0..<2 { room.signal() }
        Thread.detachNewThread { [continuation, room] in
            var input = PipedLines(jsonl: jsonl, maxLineBytes: maxLineBytes)
            do {
                while let batch = try input.next(atMost: batchSize) {
                    room.wait()
                    continuation.yield(batch)
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    /// The next batch, or nil at the end of the input or when the task is cancelled.
    func next() async throws -> [Item]? {
        var iterator = batches.makeAsyncIterator()
        let batch = try await iterator.next()
        if batch != nil { room.signal() }
        return batch
    }

    /// No more input is wanted.
    func end() { continuation.finish() }
}
