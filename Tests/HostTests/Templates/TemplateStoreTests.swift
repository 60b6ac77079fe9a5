import BuiltIns
import Runtime
import Testing

@testable import Host

@Suite("The versions of templates") struct TemplateStoreTests {
  private func client(_ name: String, _ source: String) -> TemplateSource {
    TemplateSource(name: name, source: source, origin: .client)
  }

  @Test("What ships is version 1 of its name") func shipped() {
    let store = TemplateStore()
    #expect(store.all.map(\.name) == BuiltInTemplates.all.map(\.name))
    #expect(store.all.allSatisfy { $0.version == 1 && $0.origin == .builtIn })
  }

  @Test("The newest version is in use, and a reference with a number finds the others") func versions() throws
  {
    var store = TemplateStore()
    for number in 1...3 { #expect(try store.put(client("a", "\(number)")).version == number) }
    #expect(store.template("a")?.source == "3" && store.template("a@1")?.source == "1")
    #expect(store.versions(of: "a") == [1, 2, 3])
    for reference in ["a@0", "a@4", "a@", "a@x", "@1", "b", "b@1", ""] {
      #expect(store.template(reference) == nil, "\(reference)")
    }
  }

  @Test("A name with an at sign in it is found by itself first") func atSign() throws {
    var store = TemplateStore()
    _ = try store.put(client("a", "version"))
    _ = try store.put(client("a@1", "name"))
    #expect(store.template("a@1")?.source == "name" && store.template("a@1@1")?.source == "name")
  }

  @Test("A number is never given twice, not even after a removal") func numbers() throws {
    var store = TemplateStore()
    _ = try store.put(client("a", "1"))
    #expect(store.remove("a", origins: [.client]) == 1)
    #expect(store.template("a") == nil && store.versions(of: "a").isEmpty)
    #expect(try store.put(client("a", "2")).version == 2)
    #expect(store.template("a@1") == nil)
  }

  @Test("A removal takes what has these origins and leaves what ships") func removal() throws {
    var store = TemplateStore()
    let shipped = try #require(store.template("chatml"))
    _ = try store.put(client("chatml", "mine"))
    _ = try store.put(TemplateSource(name: "chatml", source: "file", origin: .plugin))
    #expect(store.remove("chatml", origins: [.plugin]) == 1)
    #expect(store.template("chatml")?.source == "mine")
    #expect(store.remove("chatml", origins: [.plugin, .client]) == 1)
    #expect(store.template("chatml") == shipped)
    #expect(store.remove("none", origins: [.client]) == 0)
  }

  @Test("Only so many versions are kept; what ships is never dropped") func limit() throws {
    var store = TemplateStore()
    for number in 1...HostLimits.templateVersions + 5 {
      _ = try store.put(client("chatml", "\(number)"))
      _ = try store.put(client("a", "\(number)"))
    }
    let shipped = store.versions(of: "chatml")
    #expect(
      shipped.count == HostLimits.templateVersions && shipped.first == 1 && shipped.dropFirst().first == 8)
    let own = store.versions(of: "a")
    #expect(own.count == HostLimits.templateVersions && own.first == 6)
    #expect(store.template("a")?.source == "\(HostLimits.templateVersions + 5)")
  }

  @Test("Only so many names are taken; a name that exists still takes versions") func names() throws {
    var store = TemplateStore()
    let room = HostLimits.templates - store.all.count
    for number in 0..<room { _ = try store.put(client("n\(number)", "")) }
    let error = #expect(throws: WorkbenchError.self) { _ = try store.put(client("one more", "")) }
    #expect(error?.kind == .resourceExhausted)
    #expect(try store.put(client("n0", "again")).version == 2)
    // What is removed gives its place free; its numbers are not used again.
    #expect(store.remove("n0", origins: [.client]) == 2)
    #expect(try store.put(client("one more", "")).version == 1)
    #expect(store.remove("n1", origins: [.client]) == 1)
    #expect(try store.put(client("n0", "back")).version == 3)
  }

  @Test("However many names come and go, no number is used again and little is remembered") func removed()
    throws
  {
    var store = TemplateStore()
    _ = try store.put(client("first", ""))
    #expect(store.remove("first", origins: [.client]) == 1)
    for number in 0...HostLimits.removedTemplates {
      _ = try store.put(client("n\(number)", ""))
      #expect(store.remove("n\(number)", origins: [.client]) == 1)
    }
    #expect(try store.put(client("first", "")).version > 1)
  }

  @Test("A condition is on the newest version; 0 means that there is none") func condition() throws {
    var store = TemplateStore()
    try store.require(nil, of: "a")
    try store.require(0, of: "a")
    _ = try store.put(client("a", "1"))
    try store.require(1, of: "a")
    for version in [0, 2, -1] {
      let error = #expect(throws: WorkbenchError.self) { try store.require(version, of: "a") }
      #expect(error?.kind == .failedPrecondition && error?.field == "if_version")
    }
  }

  @Test("The problem of a file is cleared by the next good version") func problem() throws {
    var store = TemplateStore()
    _ = try store.put(client("a", "1"))
    store.note(problem: "line 3", of: "a")
    #expect(store.problem(of: "a") == "line 3" && store.template("a")?.source == "1")
    _ = try store.put(client("a", "2"))
    #expect(store.problem(of: "a").isEmpty)
  }
}

extension TemplateChoice {
  fileprivate var isDefault: Bool { if case .modelDefault = self { true } else { false } }
}

@Suite("Which template a request gets") struct TemplateCatalogueTests {
  private let catalogue = TemplateCatalogue()

  private func model(_ names: [String] = [], title: String = "") -> LoadedModel {
    var model = LoadedModel()
    model.title = title
    model.templates = names.map { TemplateSource(name: $0, source: "own \($0)", origin: .checkpoint) }
    return model
  }

  @Test(
    "The request's choice comes before its profile's, that before the model's settings, those before the checkpoint's, that before the card's"
  )
  func precedence() throws {
    let own = model(["default", "tools"])
    let synthia = try #require(ProfileCatalogue.builtIn.first { $0.template == "synthia" })
    func name(
      _ choice: TemplateChoice, _ model: LoadedModel, set: String? = nil,
      _ origin: ProfileChoice.Origin? = nil
    ) throws -> String {
      let profile = origin.map { ProfileChoice(profile: synthia, origin: $0) }
      let found = try catalogue.resolve(choice, model: model, set: set, profile: profile)
      if choice.isDefault {
        #expect(catalogue.defaultName(set: set, model: model, profile: profile) == found.template.name)
      }
      return found.template.name + (found.followsProfile ? " as profiled" : "")
    }
    #expect(try name(.named("zephyr"), own, set: "chatml", .request) == "zephyr")
    #expect(try name(.modelDefault, own, set: "chatml", .request) == "synthia as profiled")
    #expect(try name(.modelDefault, own, set: "chatml", .model) == "chatml")
    #expect(try name(.modelDefault, own, .model) == "synthia as profiled")
    #expect(try name(.modelDefault, own, .card) == "default as profiled")
    #expect(try name(.modelDefault, model(), .card) == "synthia as profiled")
    #expect(try name(.modelDefault, model(), set: "chatml", .card) == "chatml")
    #expect(try catalogue.resolve(.source("x"), model: own).template.origin == .request)
  }

  @Test("A profile's own template has its name, and BOS as the profile says") func own() throws {
    var profile = Profile(name: "mine", origin: .plugin)
    profile.jinja = "x"
    for addBOS in [true, false] {
      profile.addBOS = addBOS
      let choice = ProfileChoice(profile: profile, origin: .card)
      let found = try catalogue.resolve(.modelDefault, model: model(), profile: choice).template
      #expect(found.name == "mine" && found.source == "x" && found.addsBOS == addBOS)
    }
  }

  @Test("A checkpoint's own template hides a shared one of the same name") func hides() throws {
    #expect(try catalogue.template("chatml", of: model(["chatml"])).source == "own chatml")
    #expect(try catalogue.template("chatml", of: nil).origin == .builtIn)
  }

  @Test("Without any choice the request is told what there is") func nothing() {
    for model in [nil, model()] {
      let error = #expect(throws: WorkbenchError.self) {
        _ = try catalogue.resolve(.modelDefault, model: model, profiles: ["mine"])
      }
      #expect(error?.kind == .failedPrecondition && error?.field == "template")
      #expect(error?.message.contains("chatml") == true)
      #expect((error?.message.contains("mine") == true) == (model != nil))
    }
  }

  @Test("An unknown name lists the known ones, an unknown version the versions") func unknown() {
    let name = #expect(throws: WorkbenchError.self) {
      _ = try catalogue.template("chatmll", of: model(["tools"]))
    }
    #expect(name?.kind == .notFound && name?.message.contains("tools") == true)
    let version = #expect(throws: WorkbenchError.self) { _ = try catalogue.template("chatml@7", of: nil) }
    #expect(version?.kind == .notFound && version?.message.hasSuffix("1") == true)
  }
}
