import CollectionsDomain
package import CollectionsStore
import Foundation

/// The directory the bank's systems put their files into. A file is taken once its `.ok` is there: that comes last.
package struct Inbox: Sendable {
    /// A file that may be taken.
    package struct Item: Hashable, Sendable {
        package let kind: ImportKind
        package let path: String
        package var name: String { URL(fileURLWithPath: path).lastPathComponent }
    }

    /// The order in which files of one moment are taken: who there is, then whom nobody may contact, then the rest as the day's plan has it.
    package static let order: [ImportKind] = [
        .fx, .accounts, .contacts, .holds, .complaints, .accountUpdates, .payments, .adjustments, .events, .cardStatus, .letterStatus,
        .recallConfirmations,
    ]

    private let directory: String

    /// An inbox at a path that exists.
    package init(directory: String) { self.directory = directory }

    /// The kind a file's name begins with: `payments-2026-11-03.csv`; nil: none.
    package static func kind(of name: String) -> ImportKind? {
        ImportKind.allCases.filter { kind in
            guard name.hasPrefix(kind.rawValue) else { return false }
            return name.dropFirst(kind.rawValue.count).first.map { "-_.".contains($0) } ?? false
        }.max { $0.rawValue.count < $1.rawValue.count }
    }

    /// What may be taken, in order; and files whose name says no kind.
    package func ready() throws -> (items: [Item], unknown: [String]) {
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: directory))
        var items: [Item] = []
        var unknown: [String] = []
        for name in names.sorted() where name.hasSuffix(".csv") && names.contains(name + ".ok") {
            if let kind = Self.kind(of: name) { items.append(Item(kind: kind, path: directory + "/" + name)) } else { unknown.append(name) }
        }
        return (items.sorted { (Self.rank($0), $0.name) < (Self.rank($1), $1.name) }, unknown)
    }

    private static func rank(_ item: Item) -> Int { order.firstIndex(of: item.kind) ?? order.count }

    /// Moves a file with what belongs to it to where the day's files are kept, without overwriting one of the same name.
    ///
    /// - Parameter folder: `done/2026-11-03` or `refused/2026-11-03`, below the inbox.
    package func put(_ item: Item, into folder: String) throws {
        let files = FileManager.default
        let target = directory + "/" + folder
        try files.createDirectory(atPath: target, withIntermediateDirectories: true)
        var name = item.name
        var number = 1
        while files.fileExists(atPath: target + "/" + name) {
            number += 1
            name = "\(number)-" + item.name
        }
        // The flag goes first: a mover that dies in between leaves a loaded file that nobody takes a second time.
        for ending in [".ok", ".manifest.json", ".ack.json", ".rejects.csv", ""] where files.fileExists(atPath: item.path + ending) {
            do {
                try files.moveItem(atPath: item.path + ending, toPath: target + "/" + name + ending)
            } catch let error as CocoaError where [.fileNoSuchFile, .fileReadNoSuchFile].contains(error.code) {
                // Another scheduler moves the same file: each piece is moved by one of the two.
            }
        }
    }
}
