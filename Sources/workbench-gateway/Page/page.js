// The page as a whole: its tabs, the model that answers, the colour scheme and the key.
import { key } from "./api.js";
import * as chat from "./chat.js";
import * as compare from "./compare.js";
import { $, fill, walk } from "./dom.js";
import * as models from "./models.js";
import { askForKey, failed } from "./notice.js";
import * as prompt from "./prompt.js";
import * as sampling from "./sampling.js";
import { session } from "./session.js";

const parts = { chat, prompt, sampling, compare, models };
const tabs = Object.keys(parts).map((name) => $(`tab-${name}`));
const schemes = { auto: "◐", light: "☀", dark: "☾" };

function open(name) {
  for (const tab of tabs) {
    const isOpen = tab.id === `tab-${name}`;
    tab.ariaSelected = String(isOpen);
    tab.tabIndex = isOpen ? 0 : -1;
    $(tab.id.slice("tab-".length)).hidden = !isOpen;
  }
  history.replaceState(null, "", `#${name}`);
  parts[name].entered?.();
}

function bindTabs() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => open(tab.id.slice("tab-".length)));
    tab.addEventListener("keydown", (event) => walk(event, tabs)?.click());
  }
  const fromAddress = () => open(Object.hasOwn(parts, location.hash.slice(1)) ? location.hash.slice(1) : "chat");
  addEventListener("hashchange", () => {
    // The printed address may also be pasted over that of a page that is open.
    if (key.takeFromAddress()) refresh();
    fromAddress();
  });
  fromAddress();
}

function bindScheme() {
  const show = (scheme) => {
    document.documentElement.dataset.scheme = scheme;
    $("scheme").firstElementChild.textContent = schemes[scheme];
    $("scheme").ariaLabel = `Colour scheme: ${scheme === "auto" ? "as the system" : scheme}`;
    localStorage.setItem("workbench.scheme", scheme);
  };
  const kept = localStorage.getItem("workbench.scheme");
  show(kept in schemes ? kept : "auto");
  $("scheme").addEventListener("click", () => {
    const names = Object.keys(schemes);
    show(names[(names.indexOf(document.documentElement.dataset.scheme) + 1) % names.length]);
  });
}

function bindKey() {
  $("enter-key").addEventListener("click", askForKey);
  $("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    key.value = $("key").value.trim();
    $("key").value = "";
    $("key-dialog").close();
    refresh();
    models.entered();
  });
  $("key-cancel").addEventListener("click", () => $("key-dialog").close());
}

function bindModel() {
  $("model").addEventListener("change", () => {
    session.model = $("model").value;
    session.changed("settings");
    session.refreshTemplates().catch(failed);
  });
  session.on("models", () => {
    const names = session.models.map(({ name }) => [name, name]);
    fill($("model"), names.length ? names : [["", "none is loaded"]], session.model);
  });
}

const refresh = () => session.refreshModels().then(() => session.refreshSamplers()).catch(failed);

key.takeFromAddress();
session.restore();
bindModel();
bindScheme();
bindKey();
for (const part of Object.values(parts)) part.start();
bindTabs();
await refresh();
document.documentElement.dataset.ready = "true";
