"""The gateway's page in headless Chromium: its five parts with a real model, by keyboard, light and dark, wide and narrow.

Usage: page.py GATEWAY_URL_WITH_KEY MODEL SCREENSHOT_FOLDER

What the browser shows when a check fails is kept in SCREENSHOT_FOLDER.
"""

import base64
import json
import pathlib
import shutil
import sys
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

address, model, folder = sys.argv[1:4]
origin, key = address.split("/#key=")
parts = ["chat", "prompt", "sampling", "compare", "models"]
limit = 600  # seconds: only for a page that never comes to it
hostile = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\n'
    '[link](javascript:window.hacked=1) ![image](http://example.invalid/x.png) <http://example.invalid>\n'
    '> > > > > > > > > deep\n- - - - - - - - - - deep\n**<b>bold</b>** `<i>code</i>` \x1b[31mred\u202eright to left\n'
    '```html\n<script>window.hacked=1</script>\n```\n<a href="javascript:alert(1)">a</a>\n# <h1>heading</h1>\n')


class Browser:
    def __init__(self, width=1440, height=900, scheme="light"):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        # Tests run as root in containers, where Chromium's own sandbox does not start.
        for flag in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_script_timeout(limit)
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def devtools(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def open(self, url):
        self.driver.get("about:blank")
        self.driver.get(url)
        self.wait(lambda: self.js("return document.documentElement.dataset.ready === 'true'"), "the page to be ready")

    def wait(self, condition, what):
        WebDriverWait(self.driver, limit, 0.05).until(lambda _: condition(), f"waited for {what}")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def press(self, *keys, held=None):
        chain = ActionChains(self.driver)
        if held:
            chain.key_down(held)
        chain.send_keys(*keys)
        if held:
            chain.key_up(held)
        chain.perform()

    def holds_focus(self, selector):
        return self.js("return document.activeElement.matches(arguments[0])", selector)

    def tab_to(self, selector, backwards=False):
        """Moves the focus with the Tab key alone."""
        for _ in range(150):
            if self.holds_focus(selector):
                return
            self.press(Keys.TAB, held=Keys.SHIFT if backwards else None)
        raise AssertionError(f"the Tab key does not reach {selector}")

    def go(self, part):
        """Opens a part, by keyboard."""
        self.js("document.activeElement.blur()")
        self.tab_to('[role="tab"]')
        self.press(Keys.HOME)
        self.press(*[Keys.ARROW_RIGHT] * parts.index(part))
        self.wait(lambda: self.one(f"#{part}").is_displayed(), part)

    def enter(self, selector, text):
        """Replaces what stands in a field, by keyboard."""
        self.tab_to(selector)
        self.press("a", held=Keys.CONTROL)
        self.press(text)
        self.press(Keys.TAB)

    def choose(self, selector, value):
        Select(self.one(selector)).select_by_value(value)

    def finish(self, selector, label):
        """Waits for the end of what a button started."""
        self.wait(lambda: self.text(selector) == label, f"{selector} to end")

    def close_notices(self):
        self.js("document.querySelectorAll('.notice').forEach((node) => node.remove())")


def api(method, body):
    request = urllib.request.Request(
        f"{origin}/api/workbench.v1.{method}", json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request) as response:
        text = response.read().decode()
    if not response.headers["content-type"].startswith("text/event-stream"):
        return json.loads(text)
    return [json.loads(event.removeprefix("data: ")) for event in text.split("\n\n") if event]


def check_names(browser, where):
    """Everything that can have the focus has a name for a screen reader."""
    nodes = browser.devtools("Accessibility.getFullAXTree")["nodes"]
    for node in nodes:
        properties = {entry["name"]: entry["value"].get("value") for entry in node.get("properties", [])}
        if node["ignored"] or not properties.get("focusable") or node["role"]["value"] == "RootWebArea":
            continue
        if not node.get("name", {}).get("value", "").strip():
            element = browser.devtools("DOM.describeNode", backendNodeId=node["backendDOMNodeId"])["node"]
            raise AssertionError(f"{where}: no name: {node['role']['value']} {element['nodeName']} {element['attributes']}")


def check_width(browser, where):
    wide = browser.js("""
      const edge = document.documentElement.clientWidth;
      const scrolls = (node) => node && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
      return [document.documentElement.scrollWidth - edge, ...[...document.querySelectorAll("main *")]
        .filter((node) => node.checkVisibility() && !node.closest("svg, .hidden, .copy") && !scrolls(node.parentElement))
        .filter((node) => node.getBoundingClientRect().right > edge + 1).map((node) => node.outerHTML.slice(0, 120))]""")
    assert wide == [0], f"{where}: wider than the window: {wide}"


def check_untouched(browser, where):
    """Nothing has become markup or script."""
    found = browser.js("""return [window.hacked ?? null, document.images.length, document.scripts.length,
      document.querySelectorAll("main img, main script, main a, main b, main i, main iframe, [onerror]").length]""")
    assert found == [None, 1, 1, 0], f"{where}: {found}"


def check_log(browser, where, allowed=()):
    """No script error, no violation of the policy, and no request that leaves the origin."""
    faults = [entry for entry in browser.driver.get_log("browser")
              if entry["level"] in ("SEVERE", "WARNING") and not any(word in entry["message"] for word in allowed)]
    assert not faults, f"{where}: {faults}"
    for entry in browser.driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            assert url.startswith((origin + "/", "data:", "about:")), f"{where}: a request left the origin: {url}"


def check_start(browser):
    browser.open(address)
    assert browser.js("return location.hash") == "#chat", "the key stays in the address bar"
    assert Select(browser.one("#model")).first_selected_option.text == model
    policy = urllib.request.urlopen(f"{origin}/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy, policy


def ask(browser, text):
    browser.tab_to("#message")
    browser.press(text)
    browser.press(Keys.ENTER)
    browser.finish("#send", "Send")


def check_chat(browser):
    """A question, another token of its answer, and what the model says after that."""
    browser.enter("#temperature", "0")
    browser.enter("#max-tokens", "24")
    browser.js("document.activeElement.blur()")
    ask(browser, "Name three rivers.")
    assert browser.text(".assistant .facts"), browser.text("#messages")
    tokens = len(browser.all(".token"))
    assert tokens > 2, tokens
    browser.tab_to(".token", backwards=True)
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.one("#alternatives").is_displayed(), "a token shows its alternatives"
    kept = [node.text for node in browser.all(".token")[:2]]
    browser.press(Keys.ARROW_DOWN)
    assert browser.holds_focus("#alternatives button")
    chosen = browser.js("return document.activeElement.querySelector('code').textContent")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.all(".token.chosen"), "the chosen token")
    browser.finish("#send", "Send")
    assert [node.text for node in browser.all(".token.kept")] == kept
    assert browser.text(".token.chosen").replace(" ", "\u00b7").replace("\n", "\u21b5") == chosen
    check_continuation(browser)
    browser.js("document.activeElement.blur()")
    browser.tab_to(".token")
    browser.press(Keys.ARROW_RIGHT)
    browser.press(Keys.ESCAPE)
    assert not browser.one("#alternatives").is_displayed(), "Escape closes the alternatives"
    ActionChains(browser.driver).move_to_element(browser.all(".token")[0]).perform()
    browser.wait(lambda: browser.one("#alternatives").is_displayed(), "the alternatives under the pointer")
    ActionChains(browser.driver).move_to_element(browser.one("#message")).perform()
    browser.wait(lambda: not browser.one("#alternatives").is_displayed(), "them to go with it")


def check_continuation(browser):
    """The answer is what the daemon says when it is given the same tokens."""
    shown = browser.js("""return (await import("/page/session.js")).session.messages.at(-1).answer.tokens
      .map(({ id = 0 }) => id)""")
    prompt = api("Templates/Render", {"model": model, "messages": [{"role": "user", "content": "Name three rivers."}]})
    ids = prompt["token_ids"] + shown[:3]
    options = {"max_tokens": 24, "sampling": {"temperature": 0}, "top_logprobs": 0}
    said = api("Generation/Generate", {"model": model, "tokens": {"ids": ids}, "options": options})
    assert shown[3:] == [token.get("id", 0) for part in said for token in part.get("tokens", [])]


def check_composition(browser):
    """Enter ends a syllable of Korean, and only then sends."""
    before = len(browser.all(".message"))
    browser.tab_to("#message")
    browser.press("안녕")
    browser.devtools("Input.imeSetComposition", text="하", selectionStart=1, selectionEnd=1)
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    browser.devtools("Input.dispatchKeyEvent", type="rawKeyDown", **enter)
    browser.devtools("Input.dispatchKeyEvent", type="keyUp", **enter)
    assert len(browser.all(".message")) == before and "안녕" in browser.one("#message").get_attribute("value")
    browser.devtools("Input.insertText", text="하세요")
    browser.press(Keys.ENTER)
    browser.finish("#send", "Send")
    assert "안녕하세요" in browser.text("#messages"), browser.text("#messages")
    assert len(browser.all(".message")) == before + 2


def check_hostile_answer(browser):
    """What a model says is text, as tokens and formatted."""
    pieces = [base64.b64encode(piece.encode()).decode() for piece in hostile.split(" ")]
    events = [{"start": {"model": hostile, "template": hostile, "seed": "1"}}]
    events += [{"tokens": [{"id": 7, "bytes": piece, "logprob": -1, "alternatives": [
        {"id": 8, "bytes": pieces[0], "logprob": -1}]}], "text": text + " "}
        for piece, text in zip(pieces, hostile.split(" "))]
    # A character in two tokens, and one that never ends.
    for half in (b"\xed\x95", b"\x9c", b"\xed"):
        events.append({"tokens": [{"id": 9, "bytes": base64.b64encode(half).decode(), "logprob": -1}]})
    events.append({"finish": {"reason": "FINISH_REASON_STOP", "rule": hostile}})
    browser.js("""
      const text = arguments[0], real = window.fetch;
      window.fetch = (path, request) => path.endsWith("Generation/Chat")
        ? (window.fetch = real, Promise.resolve(new Response(text))) : real(path, request)""",
               "".join(f"data: {json.dumps(event)}\n\n" for event in events))
    ask(browser, hostile.replace("\n", " ").replace("\x1b", ""))
    answer = browser.all(".assistant")[-1].get_attribute("textContent")
    assert '<img src=x onerror="window.hacked=1">' in answer.replace("\u00b7", " "), answer
    assert "\u241b[31m" in answer and "\x1b" not in answer and "\u202e" not in answer, answer
    assert "한" in answer, answer
    browser.js("document.querySelectorAll('.assistant:last-child .token')[1].focus()")
    check_untouched(browser, "a hostile answer as tokens")
    browser.press(Keys.ESCAPE)
    browser.js("[...document.querySelectorAll('button')].filter((node) => node.textContent === 'Formatted').at(-1).click()")
    assert "<script>window.hacked=1</script>" in browser.text(".formatted pre")
    check_untouched(browser, "a hostile answer, formatted")
    check_width(browser, "a hostile answer")


def check_markdown(browser):
    """Only elements of the list are made, and none of them has an attribute that does something."""
    texts = [hostile, hostile * 50, "`" * 5000, "*" * 5000, "> " * 5000, "- " * 5000, "_a" * 5000, "#" * 50, "```", ""]
    browser.js("""
      const { markdown } = await import("/page/markdown.js");
      const tags = "DIV P H3 H4 H5 H6 UL OL LI PRE CODE BLOCKQUOTE STRONG EM".split(" ");
      for (const text of arguments[0]) for (const node of [markdown(text)].flatMap((made) => [made, ...made.querySelectorAll("*")])) {
        const names = node.getAttributeNames().filter((name) => !["class", "start", "tabindex", "aria-label"].includes(name));
        if (!tags.includes(node.tagName) || names.length) throw new Error(`${node.tagName} ${names}`);
      }""", texts)


def check_prompt(browser):
    """Source, rendering, findings, versions."""
    browser.go("prompt")
    browser.wait(lambda: browser.all(".rendered .piece"), "the rendering")
    source = browser.one("#source").get_attribute("value")
    assert "message" in source, source
    assert browser.all(".piece.special") and browser.all(".from-user") and browser.all(".from-template")
    shown = api("Templates/Render", {"model": model, "source": source, "messages": browser.js(
        "return (await import('/page/session.js')).session.conversation()")})
    assert browser.text("#rendering-status").startswith(f"{len(shown['token_ids']):,} token")
    browser.tab_to(".piece")
    browser.press(Keys.ARROW_RIGHT)
    assert browser.text("#rendering-status").startswith("token 2 of")
    write = "const field = document.getElementById('source'); field.value = arguments[0]; field.dispatchEvent(new Event('input'))"
    browser.js(write, "one line\n{% if %}")
    browser.wait(lambda: browser.all(".line[data-kind='error'] .lens"), "the finding at its line")
    assert browser.js("return [...document.querySelectorAll('#source-copy .line')].findIndex((row) => row.dataset.kind)") == 1
    browser.wait(lambda: browser.all("#rendering .failure"), "the failed rendering")
    browser.tab_to(".finding button")
    browser.press(Keys.ENTER)
    assert browser.js("return document.getElementById('source').selectionStart") >= len("one line\n")
    browser.js(write, hostile + "{{ messages[0].content }}")
    browser.wait(lambda: "onerror" in browser.text(".rendered"), "the hostile template")
    check_untouched(browser, "a hostile template")
    check_versions(browser, write, source)


def check_versions(browser, write, source):
    browser.js(write, source)
    for version in (1, 2):
        browser.enter("#template-name", "mine")
        browser.tab_to("#save-template button")
        browser.press(Keys.ENTER)
        browser.wait(lambda: f"mine is now version {version}" in browser.text("#notices"), "the save")
        browser.wait(lambda: browser.one("#source-version").get_property("value") == str(version), "the version")
        browser.js(write, source + "{# changed #}")
    browser.choose("#prompt-view", "1")
    browser.wait(lambda: browser.all(".difference .added"), "the changes")
    assert "{# changed #}" in browser.text(".difference .added")
    browser.choose("#prompt-view", "")
    browser.choose("#source-version", "1")
    browser.wait(lambda: browser.one("#source").get_property("value") == source, "version 1")
    browser.tab_to("#roll-back")
    browser.press(Keys.ENTER)
    browser.wait(lambda: "mine is now version 3" in browser.text("#notices"), "the rollback")
    assert api("Templates/Get", {"name": "mine"})["source"] == source
    browser.tab_to("#use-template")
    browser.press(Keys.ENTER)
    assert browser.one("#template").get_property("value") == "mine"
    browser.close_notices()


def check_sampling(browser):
    """Stages moved and changed by keyboard, and what they do to each token."""
    browser.go("sampling")
    names = lambda: [node.text for node in browser.all(".stage-name")]  # noqa: E731
    before = names()
    assert before == api("Samplers/List", {})["default_chain"], before
    browser.tab_to("summary")
    browser.press(Keys.ARROW_DOWN, held=Keys.ALT)
    assert names() == [before[1], before[0]] + before[2:], names()
    assert browser.js("return document.activeElement.querySelector('.stage-name').textContent") == before[0]
    assert browser.one("#chain-source").get_property("value") == "chain"
    browser.tab_to('li[data-stage="top_k"] summary')
    browser.press(Keys.ENTER)
    assert browser.text('li[data-stage="top_k"] .stage-body .hint')
    browser.enter('[data-parameter="top_k"]', "3")
    browser.tab_to('li[data-stage="min_p"] button.remove', backwards=False)
    browser.press(Keys.ENTER)
    assert "min_p" not in names()
    browser.choose("#add-stage", "min_p")
    assert names()[-1] == "min_p"
    browser.enter("#trace-question", "Name three rivers.")
    browser.tab_to("#trace-run")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.all("#effective table"), "the end of the sampling")
    rows = {row.find_element(By.TAG_NAME, "th").text: row.text for row in browser.all(".trace tbody tr")}
    assert "\u2192 3" in rows["top_k"], rows
    head = browser.text("#trace h3 code")
    browser.tab_to("#trace-answer .token")
    browser.press(Keys.ARROW_RIGHT)
    browser.wait(lambda: browser.text("#trace h3 code") != head, "the next token")
    browser.press(Keys.ESCAPE)


def check_compare(browser):
    """The same answers, then others, marked where they part."""
    browser.go("compare")
    for seed, words in (("1", "are the same"), ("99", "differ")):
        for column, value in ((0, "1"), (1, seed)):
            browser.js("document.querySelectorAll('.compared')[arguments[0]].elements.seed.value = arguments[1]", column, value)
        browser.tab_to("#compare-run")
        browser.press(Keys.ENTER)
        browser.wait(lambda: words in browser.text("#compare-status"), f"answers that {words}")
        browser.finish("#compare-run", "Run")
    assert len(browser.all(".compared")) == 2 and len(browser.all(".differs")) >= 1
    browser.tab_to("#add-column")
    browser.press(Keys.ENTER)
    assert len(browser.all(".compared")) == 3
    browser.tab_to(".compared:last-child header button", backwards=True)
    browser.press(Keys.ENTER)
    assert len(browser.all(".compared")) == 2


def check_models(browser):
    """Loading with progress, a refusal, unloading."""
    browser.go("models")
    browser.wait(lambda: browser.all(".card"), "the model's card")
    assert model in browser.text(".card") and "ready" in browser.text(".card")
    browser.wait(lambda: browser.js("return document.querySelector('.plot-line').getAttribute('d').includes('L')"), "the plot")
    path = api("Models/List", {})["models"][0]["path"]
    browser.enter("#load-path", "/nowhere/none.gguf")
    browser.tab_to("#load")
    browser.press(Keys.ENTER)
    browser.wait(lambda: "/nowhere/none.gguf" in browser.text("#load-failure"), "the refusal")
    browser.enter("#load-path", path)
    browser.enter("#load-name", "second")
    browser.enter("#load-context", "512")
    browser.tab_to("#load")
    browser.press(Keys.ENTER)
    browser.wait(lambda: len(browser.all(".card")) == 2, "the second model")
    browser.finish("#load", "Load")
    assert len(browser.all("#model option")) == 2
    browser.tab_to('[aria-label="Unload second"]', backwards=True)
    browser.press(Keys.ENTER)
    browser.driver.switch_to.alert.accept()
    browser.wait(lambda: len(browser.all(".card")) == 1, "the unload")
    assert browser.text("#plugin-list")


def check_looks(browser, where):
    for part in parts:
        browser.go(part)
        check_names(browser, f"{part} {where}")
        check_width(browser, f"{part} {where}")


def check_without_key(browser):
    """What needs the key is refused with a way to enter it."""
    browser.js("sessionStorage.clear()")
    browser.open(f"{origin}/#models")
    browser.wait(lambda: browser.all(".card"), "the model's card")
    browser.enter("#load-path", "/nowhere/none.gguf")
    browser.tab_to("#load")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.all("#load-failure button"), "the way to a key")
    browser.tab_to("#load-failure button")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.holds_focus("#key"), "the field for the key")
    check_names(browser, "the key")
    browser.press(key, Keys.ENTER)
    browser.wait(lambda: not browser.one("#key-dialog").is_displayed(), "the key to be taken")
    browser.tab_to("#load", backwards=True)
    browser.press(Keys.ENTER)
    browser.wait(lambda: "/nowhere/none.gguf" in browser.text("#load-failure"), "the refusal of the path")


def check_scheme(browser, is_dark):
    """The system's scheme, and the switch."""
    paper = lambda: browser.js("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")  # noqa: E731
    assert (max(paper()) < 80) == is_dark, paper()
    browser.tab_to("#scheme")
    for dark in (False, True, is_dark):
        browser.press(Keys.ENTER)
        assert (max(paper()) < 80) == dark, (browser.one("#scheme").accessible_name, paper())


def check_wide(browser):
    check_looks(browser, "wide, light")
    check_scheme(browser, is_dark=False)


def check_narrow(browser):
    ask(browser, hostile.replace("\n", " ").replace("\x1b", ""))
    check_looks(browser, "narrow, dark")
    check_scheme(browser, is_dark=True)


def run(name, browser, checks):
    check = None
    try:
        for check in checks:
            check(browser)
            refusals = ("400", "403", "404") if check in (check_prompt, check_models, check_without_key) else ()
            check_log(browser, check.__name__, refusals)
    except BaseException:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        path = str(pathlib.Path(folder) / f"{name}-{check.__name__}.png")
        browser.driver.save_screenshot(path)
        print(f"what the browser showed: {path}", file=sys.stderr)
        raise
    finally:
        browser.driver.quit()


run("wide-light", Browser(), [
    check_start, check_chat, check_composition, check_hostile_answer, check_markdown, check_prompt, check_sampling,
    check_compare, check_models, check_wide, check_without_key])
run("narrow-dark", Browser(360, 740, "dark"), [check_start, check_narrow])
print("ok")
