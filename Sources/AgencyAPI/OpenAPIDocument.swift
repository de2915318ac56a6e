/// The description of the API that `/openapi.yaml` serves: OpenAPI 3.1, kept beside the wire types it describes. A test compares the two.
package enum OpenAPIDocument {
    /// The whole document as YAML.
    package static let text = paths + components + OpenAPISchemas.text

    private static let paths = #"""
        openapi: 3.1.0
        info:
          title: Recourse agency API
          version: '1'
          description: |
            How collection agencies pull work from a bank's coordinator and report what came of it.

            Instants are RFC 3339 with a zone; `server_time` and all instants are business time, except `report_by`, which is lease time.
            Durations are lease time. A worker computes `occurred_at` as `server_time` plus `clock_rate` times what has passed since the reply.
            Ids are decimal numbers as text, amounts are decimals in major units as text. Members that are absent are not sent as null.
            Members may be added; ignore what you do not know.

            Refusals are RFC 9457 problem documents whose `type` is `urn:recourse:problem:` and a name; 429 and 503 carry Retry-After.
        security:
        - agencyToken: []
        paths:
          /v1/leases:
            post:
              operationId: lease
              summary: Ask for work
              description: 'The same `request_id` with the same body gives the same leases again, with another body 422. With `wait_seconds` the call is held open while there is no work.'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/LeaseRequest'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/LeaseReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/leases/heartbeat:
            post:
              operationId: heartbeat
              summary: Say that leases are still worked on
              description: 'Idempotent. Answers per token, in order.'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/HeartbeatRequest'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/HeartbeatReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/leases/release:
            post:
              operationId: release
              summary: Give leases back without a result
              description: 'Idempotent. Answers per token, in order.'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ReleaseRequest'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ReleaseReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/permits:
            post:
              operationId: permit
              summary: Ask whether one act may begin now
              description: 'A blocked act is an answer (200), not a failure. Send an `Idempotency-Key`: the same key gives the same permit.'
              parameters:
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/PermitRequest'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PermitReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/outcomes:
            post:
              operationId: outcomes
              summary: Report results of leased tasks
              description: 'Answers per item, in order; one bad item spoils no other. Repeat until answered: the same outcome for the same lease gives the same receipt. 503 `outcome-unknown` means that all of it may be sent again.'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/OutcomeReport'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/OutcomeReportReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/activities:
            post:
              operationId: activities
              summary: Report facts that no lease covers
              description: 'Answers per item, in order, keyed by `activity_ref`.'
              parameters:
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ActivityReport'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ActivityReportReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/notices/ack:
            post:
              operationId: acknowledge
              summary: Confirm notices
              description: 'Idempotent. After a recall this is the stop-work confirmation.'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/NoticeAckRequest'
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/NoticeAckReply'
                '400':
                  $ref: '#/components/responses/Problem'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '404':
                  $ref: '#/components/responses/Problem'
                '409':
                  $ref: '#/components/responses/Problem'
                '413':
                  $ref: '#/components/responses/Problem'
                '415':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /v1/notices:
            get:
              operationId: notices
              summary: What happened after a cursor
              description: 'Oldest first, at most 500. `seq` is the cursor; the order is the order of commit.'
              parameters:
              - {name: after, in: query, description: The last `seq` seen, schema: {type: integer, format: int64, minimum: 0, default: 0}}
              - {name: wait, in: query, description: Seconds to wait for the first notice, schema: {type: integer, minimum: 0, maximum: 60, default: 0}}
              responses:
                '200':
                  description: Done
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/NoticesReply'
                '401':
                  $ref: '#/components/responses/Problem'
                '403':
                  $ref: '#/components/responses/Problem'
                '422':
                  $ref: '#/components/responses/Problem'
                '429':
                  $ref: '#/components/responses/Problem'
                '500':
                  $ref: '#/components/responses/Problem'
                '503':
                  $ref: '#/components/responses/Problem'
          /healthz:
            get:
              operationId: health
              summary: Whether the process runs
              security: []
              responses:
                '200': {description: It runs, content: {text/plain: {schema: {type: string}}}}
          /readyz:
            get:
              operationId: readiness
              summary: Whether the database answers
              security: []
              responses:
                '200': {description: It does, content: {text/plain: {schema: {type: string}}}}
                '503': {description: It does not, content: {text/plain: {schema: {type: string}}}}
          /openapi.yaml:
            get:
              operationId: openapi
              summary: This document
              security: []
              responses:
                '200': {description: OpenAPI 3.1, content: {application/yaml: {schema: {type: string}}}}

        """#

    private static let components = #"""
        components:
          securitySchemes:
            agencyToken: {type: http, scheme: bearer, description: The agency's credential}
          parameters:
            IdempotencyKey:
              name: Idempotency-Key
              in: header
              description: Same key and body, same answer; same key and another body, 422 `idempotency-key-conflict`
              schema: {type: string, minLength: 1, maxLength: 100, pattern: '^[!-~]+$'}
          responses:
            Problem:
              description: Refused
              headers:
                Retry-After: {description: Seconds; with 429 and 503, schema: {type: integer}}
                X-Request-Id: {description: Names the request in the coordinator's log, schema: {type: string}}
              content:
                application/problem+json:
                  schema: {$ref: '#/components/schemas/Problem'}

        """#
}
