import Glibc
import TestSupport
import Testing

@testable import Access

@Suite("Paths in the model folders") struct ModelFoldersTests {
  private func kind(_ folders: ModelFolders, _ path: String) -> AccessError.Kind? {
    do throws(AccessError) {
      _ = try folders.resolve(path)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test("Only what lies in a folder after following links is found")
  func resolve() throws {
    let folder = try TemporaryFolder()
    mkdir(folder.file("models"), 0o700)
    mkdir(folder.file("models/sub"), 0o700)
    mkdir(folder.file("models-private"), 0o700)
    for name in ["models/a", "models/sub/b", "models-private/c", "outside"] { try folder.write(name, [1]) }
    symlink("../outside", folder.file("models/leaving"))
    symlink("sub/b", folder.file("models/staying"))
    symlink("..", folder.file("models/up"))
    symlink("models", folder.file("entrance"))
    let models = folder.file("models")
    let folders = ModelFolders([folder.file("entrance")])
    #expect(try folders.resolve("\(models)/a") == "\(models)/a")
    #expect(try folders.resolve("\(models)/staying") == "\(models)/sub/b")
    #expect(try folders.resolve("\(folder.file("entrance"))/sub/../a") == "\(models)/a")
    #expect(try folders.resolve(models) == models)
    for path in [
      folder.file("outside"), "\(models)/leaving", "\(models)/up/outside", "\(models)/../outside",
      folder.file("models-private/c"), "\(models)/nosuch", "/etc/passwd", "a", "", "\(models)/a\0",
    ] {
      #expect(kind(folders, path) == .forbidden, "\(path)")
    }
    #expect(throws: Never.self) { try folders.check() }
    #expect(throws: AccessError.self) { try ModelFolders([models, folder.file("nosuch")]).check() }
    #expect(throws: AccessError.self) { try ModelFolders([folder.file("outside")]).check() }
    #expect(kind(ModelFolders(), "\(models)/a") == .forbidden)
    #expect(kind(ModelFolders(["/"]), "/etc/passwd") == nil)
  }
}
