import Foundation

extension CronEntry {
    /// The queue that phases are put into, so that it can be paused and scaled by itself.
    public static let phaseQueue = "phases"

    /// What its jobs share, where one that has not ended is enough, however often the entry is due; nil for one per time.
    var lastingKey: String? {
        switch kind {
        case PhaseOrder.kind:
            arguments.flatMap { try? JSONDecoder().decode(PhaseOrder.self, from: Data($0.utf8)) }?.name
        case GateHandler.name: GateHandler.name
        default: nil
        }
    }

    /// The schedules of phases, of all contents and of single sources, as entries; `taken` are names of others.
    static func scheduled(
        _ phases: PhasesSettings, _ sources: [String: SourceSettings], taken: [String], _ problems: inout [String]
    ) -> [CronEntry] {
        var entries: [CronEntry] = []
        func add(_ order: PhaseOrder, _ schedule: String, _ timeZone: String) {
            guard !taken.contains(order.name) else {
                problems.append(
                    "the schedule of the phase \(order.name) and an entry of `cron:` have the same name; rename the latter."
                )
                return
            }
            // Schedule and time zone have been read before.
            let entry = try? CronEntry(
                name: order.name, schedule: schedule, timeZone: timeZone, kind: PhaseOrder.kind,
                arguments: order.arguments, queue: phaseQueue, priority: 5, origin: .settings)
            if let entry { entries.append(entry) }
        }
        for phase in Phase.allCases {
            if let settings = phases.phases[phase], settings.isEnabled, let schedule = settings.schedule {
                add(PhaseOrder(phase: phase), schedule, settings.timeZone)
            }
            for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
                let isOn = source.phases[phase] ?? phases.phases[phase]?.isEnabled ?? true
                if isOn, let schedule = source.schedules[phase] {
                    add(PhaseOrder(phase: phase, source: name), schedule, source.timeZone)
                }
            }
        }
        return entries
    }
}
