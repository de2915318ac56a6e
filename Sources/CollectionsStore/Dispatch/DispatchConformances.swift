package import CollectionsDomain
import PostgresDriver

// Codes of the domain as the columns that hold them.

extension Stage: PostgresCodable {}
extension Step: PostgresCodable {}
extension WorkGoal: PostgresCodable {}
extension ResultCode: PostgresCodable {}
extension TaskEndReason: PostgresCodable {}
extension HoldType: PostgresCodable {}
extension RequestType: PostgresCodable {}
extension AccountStatus: PostgresCodable {}
extension PromiseType: PostgresCodable {}
extension PromiseState: PostgresCodable {}
extension ContactPoint.Role: PostgresCodable {}
extension ContactPoint.Channel: PostgresCodable {}
extension ContactPoint.State: PostgresCodable {}
extension CaseFacts.Letter.State: PostgresCodable {}
extension OutboxRow.Target: PostgresCodable {}
