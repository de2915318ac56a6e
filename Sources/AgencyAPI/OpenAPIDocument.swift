/// The description of the API that `/openapi.yaml` serves.
package enum OpenAPIDocument {
    /// OpenAPI 3.1 as YAML.
    package static let text = ""
}
