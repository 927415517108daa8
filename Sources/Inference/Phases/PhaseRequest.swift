/// What a phase worker can be asked.
enum PhaseRequest: Sendable {
    case annotate(texts: [String], phases: [String])
    case hold([HeldText])
    case find(phase: String)
    case know([KnownEntity])
    case resolve([FoundName])
    case check
    case forget

    /// Its name on the wire.
    var type: String {
        switch self {
        case .annotate: "annotate"
        case .hold: "hold"
        case .find: "find"
        case .know: "know"
        case .resolve: "resolve"
        case .check: "check"
        case .forget: "forget"
        }
    }

    /// The request as a line.
    func line(id: String) throws -> [UInt8] {
        try WorkerMessage.encode(Line(request: self, id: id))
    }

    private struct Line: Encodable {
        let request: PhaseRequest
        let id: String

        enum CodingKeys: String, CodingKey {
            case type, id, texts, phases, items, phase, entities, found
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(request.type, forKey: .type)
            try container.encode(id, forKey: .id)
            switch request {
            case .annotate(let texts, let phases):
                try container.encode(texts, forKey: .texts)
                try container.encode(phases, forKey: .phases)
            case .hold(let texts): try container.encode(texts, forKey: .items)
            case .find(let phase): try container.encode(phase, forKey: .phase)
            case .know(let entities): try container.encode(entities, forKey: .entities)
            case .resolve(let names): try container.encode(names, forKey: .found)
            case .check, .forget: break
            }
        }
    }
}

/// First line to a phase worker.
struct PhaseStart: Encodable {
    let type = "start"
    let `protocol` = WorkerMessage.protocolNumber
    let phases: [String]
    let threads: Int
    let settings: [String: [String: PhaseSetting]]
}
