import ArgumentParser
import CollectionsDomain

/// `recourse policy schema`: the format of policy files for editors.
struct PolicySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of policy files, so that an editor completes and checks them.",
        discussion:
            "The same text lies in Deploy/policies/conduct-policy.schema.json. What a schema cannot say, recourse policy check does.")

    func run() {
        Terminal.say(String(PolicySchema.json.dropLast()))
    }
}
