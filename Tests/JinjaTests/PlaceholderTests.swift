import Jinja
import Testing

@Test("a template renders")
func renders() throws {
  #expect(try Template("Hello {{ name }}").render(["name": "you"]).text == "Hello you")
}
