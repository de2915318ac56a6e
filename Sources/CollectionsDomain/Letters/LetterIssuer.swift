/// The bank as its letters name it, in one language.
package struct LetterIssuer: Hashable, Sendable {
    package var name: String
    package var address: String
    package var phone: String
    /// When the telephone is answered.
    package var hours: String
    /// Where complaints about the collection go.
    package var complaintLine: String
    /// Where complaints go that the bank does not settle.
    package var regulatorLine: String
    /// How the account can be looked at.
    package var queryWay: String
    /// How to object.
    package var objectWay: String
    /// Where proof is sent.
    package var evidenceWay: String
    /// How to pay.
    package var repayWays: [String]
    /// The bank's own account for payments.
    package var repayAccount: String

    package init(
        name: String, address: String, phone: String, hours: String, complaintLine: String, regulatorLine: String, queryWay: String,
        objectWay: String, evidenceWay: String, repayWays: [String], repayAccount: String
    ) {
        self.name = name
        self.address = address
        self.phone = phone
        self.hours = hours
        self.complaintLine = complaintLine
        self.regulatorLine = regulatorLine
        self.queryWay = queryWay
        self.objectWay = objectWay
        self.evidenceWay = evidenceWay
        self.repayWays = repayWays
        self.repayAccount = repayAccount
    }

    /// Everything it says, for the lint.
    package var words: String {
        ([name, address, phone, hours, complaintLine, regulatorLine, queryWay, objectWay, evidenceWay, repayAccount] + repayWays)
            .joined(separator: "\n")
    }
}
