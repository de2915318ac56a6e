import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// CPU time that processes have used, from /proc. Only Linux tells it of other processes; elsewhere everything reads zero.
struct CPUMeter: Sendable {
    /// A process and its children, those that have ended and were waited for included; seconds.
    static func used(byTreeOf pid: Int32) -> Double {
        guard let own = stat(pid) else { return 0 }
        var total = own.own + own.ended
        for child in children(of: pid) {
            guard let found = stat(child) else { continue }
            total += found.own + found.ended
        }
        return total / ticks
    }

    /// This process alone; seconds.
    static var own: Double { seconds(Int32(RUSAGE_SELF.rawValue)) }

    /// Children of this process that have ended; seconds.
    static var ended: Double { seconds(Int32(RUSAGE_CHILDREN.rawValue)) }

    private static func seconds(_ who: Int32) -> Double {
        var usage = rusage()
        getrusage(who, &usage)
        func value(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return value(usage.ru_utime) + value(usage.ru_stime)
    }

    /// The children a process has now.
    static func children(of pid: Int32) -> [Int32] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: "/proc") } catch { return [] }  // no /proc here
        return names.compactMap { Int32($0) }.filter { stat($0)?.parent == pid }
    }

    /// Memory a process holds now, in bytes.
    static func residentBytes(of pid: Int32) -> Double {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/statm"),
            let pages = String(decoding: data, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

    private static func stat(_ pid: Int32) -> (parent: Int32, own: Double, ended: Double)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        // The name in parentheses may hold anything; what is counted comes after the last one.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 15, let parent = Int32(fields[1]), let user = Double(fields[11]), let system = Double(fields[12]),
            let childUser = Double(fields[13]), let childSystem = Double(fields[14])
        else { return nil }
        return (parent, user + system, childUser + childSystem)
    }
}
