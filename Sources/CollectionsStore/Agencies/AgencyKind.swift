/// What an agency is; raw values are those of `agency.kind` and of the agencies file (DOMAIN section 1, holder and executor).
package enum AgencyKind: String, CaseIterable, Sendable {
    /// Collects by phone, message and, where contracted, in the field. May hold accounts.
    case collection
    /// A field team; may hold accounts whose next stage is the visit, and executes visits by route.
    case field
    /// Prints and posts letters under the issuer's seal. Executes by route, never holds.
    case lettershop
    /// Acts in court after the bank's approval. Holds only what a legal decision gives it.
    case lawFirm = "law_firm"
    /// The bank's own team. Executes what the bank assigns to it.
    case inHouse = "in_house"

    /// Whether a placement plan may give it accounts. Law firms get theirs by a legal decision, lettershops and in-house teams hold none.
    package var mayHold: Bool {
        switch self {
        case .collection, .field: true
        case .lettershop, .lawFirm, .inHouse: false
        }
    }
}
