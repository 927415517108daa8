import Foundation
import Inference

/// What a corpus phase is finding, as long as nobody sees it.
public struct CorpusBuild: Sendable, Hashable {
    /// Its number in `corpus_runs`.
    public var id: Int64
    /// The run that it belongs to: as long as that one lives, nobody else builds the same.
    public var run: Int64
    /// topics or stories.
    public var phase: Phase
    /// What finds it.
    public var method: Int64
}

/// What becomes of a wish to build.
public enum CorpusBegin: Sendable, Hashable {
    /// It is ours.
    case begun(CorpusBuild)
    /// A living process builds the same since then.
    case busy(pid: Int32?, since: Date)
}

/// How much a corpus phase has to look at.
public struct CorpusDue: Sendable, Hashable {
    /// Contents with a text, of the whole collection or of the source.
    public var contents: Int
    /// Those that the current run has not seen as they are now.
    public var new: Int

    /// Why a phase is not to run yet; nil when it is.
    ///
    /// Topics need `minimum` contents, and as many new ones since the last time; stories need one new one. Force is about new ones
    /// only: too few contents stay too few.
    public func reason(for phase: Phase, minimum: Int, isForced: Bool) -> String? {
        guard phase == .topics else {
            if contents == 0 { return "there is no content with a text" }
            return new == 0 && !isForced ? "nothing is new since the last time" : nil
        }
        guard contents >= minimum else {
            return "topics need \(minimum) contents with a text, and there are \(contents)"
        }
        guard new >= minimum || isForced else {
            return
                "topics wait for \(minimum) new contents since the last time, and there are \(new); --force finds them now"
        }
        return nil
    }
}

extension PhaseKey {
    /// A row's id; nil for a key that no content has.
    var contentID: Int64? { number }
}
