/**
 * What every explorer has, built once: frame, presets, formula, ghost, links to a
 * state, copied code, reset, live summary, and the ties to its host. An explorer's
 * own file says what it computes and draws.
 *
 * The host is known only as a model with get, set, on and save_changes, in the form
 * of the anywidget front-end module. Hosts differ, so whatever is not `get` or `set`
 * may be missing, or may throw.
 */

import { html, patch } from "./dom.js";
import { formatLink, parseLink, same } from "./parameters.js";
import { KEEP_KEYS } from "./slider.js";
import { common } from "./words.js";

/**
 * @typedef {object} Spec
 * @property {{title: string, tryThis: string, presets: Record<string, [string, string]>}} words
 * @property {import("./parameters.js").Parameter[]} parameters
 * @property {Record<string, object>} initial values for what the host does not give
 * @property {Record<string, object>} [presets] by the names that `words.presets` has
 * @property {(state: object, set: object) => object} [settle] mends values that depend on each
 *   other; `set` has those that were just set, which stand
 * @property {(state: object) => object} compute the model's numbers, from frontend/core
 * @property {(tools: Tools) => Part} stage the drawing
 * @property {(tools: Tools) => Part[]} controls
 * @property {(tools: Tools) => Part} [after] what stands below the controls
 * @property {(tools: Tools) => Part} [choice] at the left of the foot
 * @property {(view: View) => Node[]} [formula]
 * @property {(view: View) => string|null} [status] what has gone wrong, in words
 * @property {(view: View) => string} summary one sentence, read aloud after a change
 * @property {Record<"copyNumpy"|"copyPytorch", (state: object) => string>} [code]
 *
 * @typedef {object} Part
 * @property {HTMLElement} element
 * @property {(view: View) => void} update
 *
 * @typedef {object} View
 * @property {object} state
 * @property {object} result
 * @property {object|null} ghost the result before the last change
 * @property {number} width of the stage, in CSS pixels
 *
 * @typedef {object} Tools
 * @property {(patch: object) => void} change
 * @property {() => object} current the state as it is now
 * @property {(message: string) => void} say
 */

/** @param {Spec} spec @returns {{render: ({model: object, el: HTMLElement}) => () => void}} */
export const explorer = (spec) => ({ render: ({ model, el }) => mount(spec, model, el) });

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function mount(spec, model, el) {
  const { words, parameters } = spec;
  const settle = spec.settle ?? ((state) => state);
  const undo = [];
  const listen = (target, type, handler, options) => {
    target.addEventListener(type, handler, options);
    undo.push(() => target.removeEventListener(type, handler, options));
  };

  const given = (parameter) => {
    const value = model.get(parameter.name);
    return parameter.valid(value) ? value : spec.initial[parameter.name];
  };
  let state = settle(Object.fromEntries(parameters.map((one) => [one.name, given(one)])), {});
  const opening = state;

  // The ghost shows where things were when the reader last took hold of something.
  let hold = 0;
  let heldAt = -1;
  let before = null;
  const takeHold = () => (hold += 1);

  function change(values, { fromHost = false } = {}) {
    const next = settle({ ...state, ...values }, values);
    const changed = parameters.filter(({ name }) => !same(next[name], state[name]));
    if (changed.length === 0) return;
    if (changed.some(({ cursor }) => !cursor) && heldAt !== hold) {
      before = state;
      heldAt = hold;
    }
    state = next;
    if (!fromHost) {
      for (const { name } of changed) attempt(() => model.set(name, next[name]));
      attempt(() => model.save_changes());
    }
    schedule();
  }

  const live = html("p", { class: "u-hidden", "aria-live": "polite" });
  const note = html("p", { class: "u-note", role: "status" });
  let noteStands = false;
  const say = (message) => {
    patch(note, { text: message });
    noteStands = message !== "";
  };
  const tools = { change, current: () => state, say };

  // --- the parts, from top to bottom
  const lesson = html("p", { class: "u-try", text: words.tryThis });
  const teach = (text) => patch(lesson, { text });
  const presetButtons = Object.entries(spec.presets ?? {}).map(([key, values]) => {
    const [label, sentence] = words.presets[key];
    const element = html("button", {
      type: "button", "data-preset": key, ...KEEP_KEYS,
      onclick: () => {
        takeHold();
        change(values);
        teach(sentence);
      }, text: label,
    });
    const update = () =>
      patch(element, { "aria-pressed": String(Object.keys(values).every((k) => same(values[k], state[k]))) });
    return { element, update };
  });
  const stage = spec.stage(tools);
  const formula = spec.formula ? html("div", { class: "u-formula" }) : null;
  const controls = spec.controls(tools);
  const nothing = () => ({ element: html("span"), update() {} });
  const after = spec.after?.(tools) ?? nothing();
  const footChoice = spec.choice?.(tools) ?? nothing();
  const code = codePanel();
  const onPage = el.closest("[data-explorer]") !== null;
  const action = (word, onclick) =>
    html("button", { type: "button", class: "u-action", ...KEEP_KEYS, onclick, text: word });
  const actions = html(
    "div", { class: "u-actions" },
    ...Object.entries(spec.code ?? {}).map(([key, write]) => action(common[key], () => code.show(write(state)))),
    onPage ? action(common.link, copyLink) : null,
    action(common.reset, () => {
      takeHold();
      change(opening);
      teach(words.tryThis);
      say("");
    }),
  );
  const root = html(
    "div", { class: "u-explorer", role: "group", "aria-label": words.title },
    html("div", { class: "u-head" },
      html("p", { class: "u-title", text: words.title }),
      presetButtons.length === 0 ? null : html("div", { class: "u-presets", role: "group", "aria-label": common.presets },
        ...presetButtons.map(({ element }) => element))),
    lesson,
    html("div", { class: "u-stage" }, stage.element),
    formula,
    note,
    html("div", { class: "u-controls", role: "group", "aria-label": common.settings },
      ...controls.map(({ element }) => element)),
    after.element,
    html("div", { class: "u-foot" }, footChoice.element, actions),
    code.element,
    live,
  );
  listen(root, "pointerdown", takeHold, true);
  listen(root, "focusin", takeHold, true);
  el.append(root);

  // --- drawing, at most once a frame
  let frame = 0;
  let timer = 0;
  let width = 0;
  let ghostOf = null;
  let ghost = null;
  function schedule() {
    if (!frame) frame = requestAnimationFrame(draw);
  }
  function draw() {
    frame = 0;
    width ||= stage.element.parentNode.clientWidth;
    if (!width) return;
    patch(root, { "data-narrow": width <= 560, "data-tiny": width <= 340 });
    const result = spec.compute(state);
    if (ghostOf !== before) {
      ghostOf = before;
      ghost = before && spec.compute(before);
    }
    const view = { state, result, ghost, width };
    for (const part of [stage, ...controls, after, footChoice, ...presetButtons]) part.update(view);
    formula?.replaceChildren(...spec.formula(view));
    const status = spec.status?.(view) ?? null;
    if (status || !noteStands) patch(note, { text: status ?? "" });
    patch(note, { "data-warning": Boolean(status) });
    clearTimeout(timer);
    timer = setTimeout(() => patch(live, { text: spec.summary(view) }), 600);
  }
  // the width is read when it changes, not when something is drawn: that would lay out twice
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    schedule();
  });
  observer.observe(stage.element.parentNode);

  // --- the host
  for (const parameter of parameters) {
    const handler = () => {
      const value = model.get(parameter.name);
      if (!parameter.valid(value) || same(value, state[parameter.name])) return;
      takeHold();
      change({ [parameter.name]: value }, { fromHost: true });
    };
    attempt(() => model.on(`change:${parameter.name}`, handler));
    undo.push(() => attempt(() => model.off(`change:${parameter.name}`, handler)));
  }

  // --- links: #name:w_h=1.1;b=0 sets the figure, from the address or from the prose
  function follow(hash) {
    const prefix = `#${model.get("name")}:`;
    const target = decodeURIComponent(hash);
    if (!target.startsWith(prefix)) return false;
    const { values, problems } = parseLink(parameters, target.slice(prefix.length));
    takeHold();
    change({ ...opening, ...values });
    say(problems.map(([name, text]) => common.badLink(name, text)).join(" "));
    // at once: a smooth scroll is lost when the page moves meanwhile
    const block = root.offsetHeight > innerHeight - 120 ? "start" : "center";
    root.scrollIntoView({ block, behavior: "instant" });
    return true;
  }
  listen(document, "click", (event) => {
    const anchor = event.target.closest?.('a[href^="#"]');
    if (anchor && !event.defaultPrevented && follow(anchor.getAttribute("href"))) event.preventDefault();
  });
  listen(window, "hashchange", () => follow(location.hash));
  function copyLink() {
    const link = `${location.href.split("#")[0]}#${model.get("name")}:${formatLink(parameters, state)}`;
    copy(link).then((done) => (done ? say(common.linkCopied) : code.show(link, common.linkFailed)));
  }

  draw();
  follow(location.hash);

  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    observer.disconnect();
    for (const action of undo) action();
    root.remove();
  };
}

/** Text to the clipboard; false where the browser does not allow it. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Shows what was copied, so that it can be read, and copied by hand where copying fails. */
function codePanel() {
  const message = html("p", { role: "status" });
  const text = html("textarea", { readonly: true, spellcheck: "false", "aria-label": "Python", ...KEEP_KEYS });
  const element = html(
    "div", { class: "u-code", hidden: true },
    html("div", {}, message, html("button", {
      type: "button", class: "u-action", ...KEEP_KEYS, onclick: () => patch(element, { hidden: true }), text: common.close,
    })),
    text,
  );
  return {
    element,
    async show(code, failed = common.copyFailed) {
      text.value = code;
      patch(text, { rows: code.split("\n").length });
      patch(element, { hidden: null });
      const done = await copy(code);
      patch(message, { text: done ? common.copied : failed });
      if (!done) text.select();
    },
  };
}

/** One of a few words, as radio buttons that look like one bar. */
export function segments({ label, options, labels, onvalue }) {
  const group = `u-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map((value) =>
    html("input", { type: "radio", name: group, value, ...KEEP_KEYS, onchange: () => onvalue(value) }));
  const element = html("fieldset", { class: "u-segments" }, html("legend", { class: "u-hidden", text: label }),
    ...inputs.map((input, k) => html("label", {}, input, html("span", { text: labels[options[k]] }))));
  return {
    element,
    update(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
