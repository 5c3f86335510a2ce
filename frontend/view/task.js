/** An exercise of a figure: a button that asks whether it is set right, and what is said to that. */

import { html, patch } from "./dom.js";
import { attempt } from "./host.js";
import { KEEP_KEYS } from "./slider.js";

/**
 * Null where the page asks for nothing. A kernel answers `_asked` with `_said`; a page's host does
 * the same, and asks by `knows` what the figure has computed.
 */
export function taskPart(model, { words, say, knows, hear }) {
  if (!model.get("_task")?.rule) return null;
  attempt(() => model.knows(knows));
  function ask() {
    model.set("_asked", (model.get("_asked") ?? 0) + 1);
    attempt(() => model.save_changes());
  }
  const verdict = html("span", { class: "u-verdict" });
  const button = html("button", { type: "button", class: "u-check", ...KEEP_KEYS, onclick: ask, text: words.check });
  hear(model, "change:_said", () => {
    const said = model.get("_said");
    patch(verdict, { text: words.verdicts[said.verdict], "data-verdict": said.verdict });
    if (!said.again) say(said.text);
  });
  return html("div", { class: "u-task" }, button, verdict);
}
