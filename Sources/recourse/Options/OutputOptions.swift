import ArgumentParser

/// How results are shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "End with one line of JSON.") var json = false
}
