import HTTPTypes
import Hummingbird
import NIOCore

/// The page's files, which the binary contains.
enum Page {
  /// The file of a path; nil if there is none.
  static func response(_ path: String) -> Response? {
    let name = path == "/" ? "index.html" : String(path.dropFirst(folder.count))
    guard path == "/" || path.hasPrefix(folder), let file = files[name] else { return nil }
    return Response(
      status: .ok,
      headers: [
        .contentType: file.type, .contentSecurityPolicy: policy, .cacheControl: "no-cache",
        .referrerPolicy: "no-referrer",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
  }

  private static let folder = "/page/"

  /// Everything comes from the gateway itself, nothing that is made of text can become script, and no other page may
  /// show this one in a frame.
  private static let policy = """
    default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
    """

  private static let files: [String: (type: String, bytes: [UInt8])] = [
    "index.html": ("text/html; charset=utf-8", PackageResources.index_html),
    "style.css": ("text/css; charset=utf-8", PackageResources.style_css),
    "icon.svg": ("image/svg+xml", PackageResources.icon_svg),
    "alternatives.js": (script, PackageResources.alternatives_js),
    "answer.js": (script, PackageResources.answer_js),
    "api.js": (script, PackageResources.api_js),
    "chain.js": (script, PackageResources.chain_js),
    "chat.js": (script, PackageResources.chat_js),
    "compare.js": (script, PackageResources.compare_js),
    "difference.js": (script, PackageResources.difference_js),
    "dom.js": (script, PackageResources.dom_js),
    "editor.js": (script, PackageResources.editor_js),
    "markdown.js": (script, PackageResources.markdown_js),
    "models.js": (script, PackageResources.models_js),
    "notice.js": (script, PackageResources.notice_js),
    "page.js": (script, PackageResources.page_js),
    "plot.js": (script, PackageResources.plot_js),
    "prompt.js": (script, PackageResources.prompt_js),
    "rendering.js": (script, PackageResources.rendering_js),
    "run.js": (script, PackageResources.run_js),
    "sampling.js": (script, PackageResources.sampling_js),
    "session.js": (script, PackageResources.session_js),
    "text.js": (script, PackageResources.text_js),
    "tokens.js": (script, PackageResources.tokens_js),
    "trace.js": (script, PackageResources.trace_js),
  ]

  private static let script = "text/javascript; charset=utf-8"
}

extension HTTPField.Name {
  /// What an address of the page may tell others: nothing.
  static let referrerPolicy = Self("referrer-policy") ?? .cacheControl
}
