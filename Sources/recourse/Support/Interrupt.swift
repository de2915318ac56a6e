import UnixSignals

/// Waiting for the user to end a command that stays up.
enum Interrupt {
    /// Returns on SIGINT or SIGTERM.
    static func wait() async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        for await _ in signals { return }
    }
}
