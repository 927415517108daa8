import Inference
import Yams

extension DeclaredModel {
    /// Reads the `models:` of a YAML or JSON file, written as in `volfefe.yaml`; `engine` and `source` may be left out.
    ///
    /// Throws `VolfefeError.configuration` with every problem found, or `.notFound`.
    static func load(path: String) throws -> [DeclaredModel] {
        let file = try SettingsFile(path: path)
        var problems = file.problems
        var registry = Registry()
        for (id, fields) in file.models {
            let place = fields["id"]?.origin ?? path
            registry.merge(
                id: id, fields: ["engine": (Node(unknown), place), "source": (Node(unknown), place)])
            registry.merge(id: id, fields: fields)
        }
        var listed: [ListedSetting] = []
        let models = registry.specifications(&problems, &listed)
        if file.models.isEmpty, problems.isEmpty {
            problems.append(
                "\(path): there are no `models:`; list them as in volfefe.yaml, with id, version and labels.")
        }
        guard problems.isEmpty else { throw VolfefeError.configuration(problems) }
        return models.map(DeclaredModel.init)
    }
}
