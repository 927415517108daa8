import Foundation

/// A line of a phase worker. Results stay bytes until the one who asked decodes them, which is then not the reader.
enum PhaseMessage: WireMessage {
    case ready(PhaseReady)
    case part(id: String, [UInt8])
    case result(id: String, [UInt8])
    case requestError(WorkerRequestError)
    case fatal(WorkerFatal)

    static func decode(_ line: [UInt8]) -> PhaseMessage? {
        var type: String?
        var id: String?
        do {
            try line.withUnsafeBufferPointer { bytes in
                var reader = WireReader(bytes)
                try reader.object { key, reader in
                    switch key {
                    case "type": type = try reader.string()
                    case "id": id = try reader.null() ? nil : reader.string()
                    default: try reader.skip()
                    }
                }
                try reader.end()
            }
        } catch {
            return nil
        }
        let decoder = JSONDecoder()
        switch (type, id) {
        case ("result", let id?): return .result(id: id, line)
        case ("part", let id?): return .part(id: id, line)
        case ("ready", _): return (try? decoder.decode(PhaseReady.self, from: Data(line))).map(Self.ready)
        case ("error", _):
            return (try? decoder.decode(WorkerRequestError.self, from: Data(line))).map(Self.requestError)
        case ("fatal", _): return (try? decoder.decode(WorkerFatal.self, from: Data(line))).map(Self.fatal)
        default: return nil
        }
    }

    var requestID: String? {
        switch self {
        case .part(let id, _), .result(let id, _): id
        case .requestError(let error): error.id
        case .ready, .fatal: nil
        }
    }

    var fatal: WorkerFatal? { if case .fatal(let fatal) = self { fatal } else { nil } }

    var isPart: Bool { if case .part = self { true } else { false } }
}
