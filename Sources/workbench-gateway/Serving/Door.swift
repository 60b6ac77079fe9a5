import HTTPTypes
import Hummingbird
import Logging

/// What happens to every request before and after its handler: whose pages may call, what an error looks like, and
/// the log.
struct Door: RouterMiddleware {
  let doorman: Doorman

  func handle(
    _ request: Request, context: GatewayContext,
    next: (Request, GatewayContext) async throws -> Response
  ) async throws -> Response {
    let form: ErrorForm = request.uri.path.hasPrefix("/v1/messages") ? .anthropic : .openAI
    var response: Response
    do {
      if request.method == .options {
        try doorman.checkOrigin(request)
        response = Response(status: .noContent)
      } else {
        response = try await next(request, context)
      }
    } catch {
      response = .failure(Self.explained(error, request, context.logger), form)
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    if let origin = request.headers[.origin], doorman.origins.contains(origin) {
      response.headers[.accessControlAllowOrigin] = origin
      response.headers[.vary] = "Origin"
      if request.method == .options {
        response.headers[.accessControlAllowMethods] = "GET, POST"
        response.headers[.accessControlAllowHeaders] =
          "authorization, content-type, x-api-key, anthropic-version"
      }
    }
    context.logger.debug(
      "request",
      metadata: [
        "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
      ])
    return response
  }

  private static func explained(_ error: any Error, _ request: Request, _ logger: Logger) -> APIError {
    switch error {
    case let error as APIError: return error
    case let error as HTTPError where error.status == .notFound:
      return .missing("there is no \(request.method) \(request.uri.path)")
    case let error as HTTPError:
      return APIError(
        status: error.status.code, kind: error.status.code < 500 ? .invalidRequest : .server,
        message: error.body ?? error.status.reasonPhrase)
    case is CancellationError:
      return APIError(
        status: 503, kind: .unavailable, message: "the request was ended before it was answered")
    default:
      logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return APIError(status: 500, kind: .server, message: "the gateway failed: \(type(of: error))")
    }
  }
}
