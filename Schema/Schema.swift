/// The schema's migrations in their order, embedded in the program.
///
/// Each file is a list of statements sent one by one; a file that has been applied anywhere is never edited, a change is a new file.
package enum Schema {
    /// One numbered migration.
    package struct Migration: Sendable {
        /// Position in the order, from 1, without gaps.
        package let number: Int
        /// The file's name without number and ending.
        package let name: String
        /// The file's text.
        package let sql: String
    }

    /// All migrations, oldest first.
    package static let migrations: [Migration] = [
        Migration(number: 1, name: "control", sql: text(PackageResources._001_control_sql)),
        Migration(number: 2, name: "portfolio", sql: text(PackageResources._002_portfolio_sql)),
        Migration(number: 3, name: "dispatch", sql: text(PackageResources._003_dispatch_sql)),
        Migration(number: 4, name: "isolation", sql: text(PackageResources._004_isolation_sql)),
        Migration(number: 5, name: "plans", sql: text(PackageResources._005_plans_sql)),
        Migration(number: 6, name: "card_orders", sql: text(PackageResources._006_card_orders_sql)),
        Migration(number: 7, name: "terms", sql: text(PackageResources._007_terms_sql)),
        Migration(number: 8, name: "complaints", sql: text(PackageResources._008_complaints_sql)),
        Migration(number: 9, name: "task_access", sql: text(PackageResources._009_task_access_sql)),
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
