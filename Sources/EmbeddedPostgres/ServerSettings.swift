#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Settings of the servers this program starts itself.
package enum ServerSettings {
    /// Durable, for work: some memory, few checkpoints, vacuum that keeps up with the hot tables. An operator's own lines in
    /// `postgresql.conf` below the include win.
    package static var durable: [(name: String, value: String)] {
        common + [
            ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("shared_buffers", "256MB"),
            ("max_wal_size", "4GB"), ("min_wal_size", "256MB"), ("checkpoint_timeout", "15min"), ("checkpoint_completion_target", "0.9"),
            ("wal_compression", "on"), ("effective_cache_size", "1GB"), ("work_mem", "16MB"), ("maintenance_work_mem", "128MB"),
            ("autovacuum_naptime", "10s"),
        ]
    }

    /// For tests: nothing is synchronised to disk. A crash of the machine loses it, a crash of the server does not.
    package static var throwAway: [(name: String, value: String)] {
        common + [
            ("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("shared_buffers", "128MB"),
            ("max_wal_size", "4GB"), ("checkpoint_timeout", "1h"), ("autovacuum_naptime", "10s"), ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            // In the data directory, so that it goes with it even after a kill.
            ("dynamic_shared_memory_type", "mmap"),
        ]
    }

    private static var common: [(name: String, value: String)] {
        [
            ("max_connections", "200"), ("timezone", "UTC"), ("log_timezone", "UTC"), ("datestyle", "iso, ymd"), ("jit", "off"),
            ("random_page_cost", "1.1"), ("autovacuum", "on"), ("max_locks_per_transaction", "128"), ("logging_collector", "off"),
            ("log_destination", "stderr"), ("log_line_prefix", "%m [%p] %q%u@%d "), ("log_statement", "none"),
            // Rows of a failed statement would put personal data into the log.
            ("log_error_verbosity", "terse"), ("log_parameter_max_length", "0"), ("log_parameter_max_length_on_error", "0"),
            ("dynamic_shared_memory_type", sharedMemory),
        ]
    }

    /// Containers often give `/dev/shm` 64 MB, which parallel queries outgrow; files work everywhere.
    private static var sharedMemory: String {
        #if os(Linux)
            var facts = statvfs()
            guard statvfs("/dev/shm", &facts) == 0, UInt64(facts.f_blocks) * UInt64(facts.f_frsize) >= 256 << 20 else { return "mmap" }
        #endif
        return "posix"
    }

    /// The directory for throw-away data: memory where it has room (1 GB), else the temporary directory.
    package static var throwAwayRoot: String {
        var facts = statvfs()
        if statvfs("/dev/shm", &facts) == 0, UInt64(facts.f_bavail) * UInt64(facts.f_frsize) >= 1 << 30, access("/dev/shm", W_OK) == 0 {
            return "/dev/shm"
        }
        return "/tmp"
    }
}
