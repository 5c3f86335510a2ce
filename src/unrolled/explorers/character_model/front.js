/** A character model that reads what one types: the front end of its room. */

import { ALPHABET, encode, reader, unpack, writeOn } from "#core/characters.js";
import { softmax } from "#core/linear.js";
import { settingControl, settingSegments, named, control, stopControl, together } from "#view/controls.js";
import { html, patch, sketch } from "#view/dom.js";
import { answer, hearing } from "#view/explorer.js";
import { signed } from "#view/formula.js";
import { attempt } from "#view/host.js";
import { decimalsFor, fixed } from "#view/number.js";
import { parametersOf, text } from "#view/parameters.js";
import { shapeOf, within } from "#view/shape.js";
import { KEEP_KEYS } from "#view/slider.js";

import { belowText, paint, spelled } from "./below.js";

/** In the order of training, the last being the one that the page opens with. */
const MOMENTS = ["untrained", "100", "1000", "6000", "end"];

// --- what is computed

const models = new Map();
/** The model of a checkpoint, where its weights are here. */
function modelOf(files, checkpoint) {
  if (!models.has(checkpoint) && files[checkpoint]) models.set(checkpoint, unpack(files[checkpoint]));
  return models.get(checkpoint);
}

/** What is held, of a state: null, or a unit, its gate or cell state, and the value. */
export function clampOf({ hold, unit, held }) {
  if (hold === "nothing") return null;
  return { unit, what: hold, value: hold === "c" ? held : within(held, [0, 1]) };
}

let readers = []; // the last few: of a checkpoint and what is held, each has read one text
function readerOf(files, state) {
  const clamp = clampOf(state);
  const key = JSON.stringify([state.checkpoint, clamp]);
  const known = readers.find((one) => one.key === key);
  const one = known ?? { key, reads: reader(modelOf(files, state.checkpoint), clamp) };
  readers = [one, ...readers.filter((other) => other !== one)].slice(0, 4);
  return one.reads;
}

/** So many letters are read at once; more, for so many milliseconds, and then some more. */
const AT_ONCE = 400;
const PATIENCE = 12;

/**
 * What the model makes of the text, as far as it has read: the chosen unit's `values` after each
 * letter, the `bits` by which each surprised it; and at the chosen letter the `probabilities` of the
 * next, `all` units' values and the chosen unit's `step`. Where the weights are not here, it waits;
 * where they could not be had, it has `missed` them.
 *
 * @param {object} state
 * @param {{files: Record<string, string>, patient?: boolean}} known `patient`: all is read at once
 */
export function compute(state, { files, patient = false }) {
  const { checkpoint, text, letter, unit, show, below } = state;
  if (!modelOf(files, checkpoint)) return files[checkpoint] === null ? MISSED : WAITING;
  const begun = performance.now();
  const reads = readTo(state, files, ({ length }) => !patient && length >= AT_ONCE && performance.now() - begun > PATIENCE);
  const { length: read } = reads;
  const { values, bits } = drawnOf(reads, { text, unit, show });
  const length = [...text].length;
  const at = Math.min(letter, read);
  const result = { done: read === length, read, length, at, values, bits, mean: mean(bits), around: NOWHERE, ahead: NOTHING };
  if (below === "gates") result.around = around(reads, at, unit);
  if (below === "own") result.ahead = ahead(state, files, result);
  if (at === 0) return result;
  return {
    ...result, probabilities: Array.from(softmax(reads.logitsAt(at - 1))), all: Array.from(reads.stepAt(at - 1)[show]), step: unitOf(reads, at - 1, unit),
  };
}

const NOWHERE = { from: 0, steps: [] };
const NOTHING = { there: [], own: [], means: [NaN, NaN] };
const WAITING = { waits: true, read: 0, length: 0, at: 0, values: [], bits: [], around: NOWHERE, ahead: NOTHING };
const MISSED = { ...WAITING, missed: true };

/** The reader of the state's text, which has read on until `enough(reader)`, or to the end. */
function readTo(state, files, enough) {
  const reads = readerOf(files, state);
  reads.turnTo(encode(state.text));
  reads.read(() => enough(reads));
  return reads;
}

let drawn = {}; // the last that was made, the same where nothing else is drawn
/** The values that stand over a text, and the bits below it. */
function drawnOf(reads, { text, unit, show }) {
  const key = JSON.stringify([reads.length, unit, show, text]);
  if (drawn.reads !== reads || drawn.key !== key) {
    const all = (value) => Array.from({ length: reads.length }, (_, t) => value(t));
    drawn = { reads, key, values: all((t) => reads.valueAt(t, unit, show)), bits: all(reads.bits) };
  }
  return drawn;
}

/** One unit's gates and states after letter t, and its cell state before. */
function unitOf(reads, t, unit) {
  const own = Object.fromEntries(["i", "f", "g", "o", "c", "h"].map((name) => [name, reads.valueAt(t, unit, name)]));
  return { ...own, before: t > 0 ? reads.valueAt(t - 1, unit, "c") : 0 };
}

/** The unit's gates at so many letters about the chosen one as any drawing has room for. */
function around(reads, at, unit) {
  const [from, to] = [Math.max(0, at - 32), Math.min(reads.length, at + 32)];
  return { from, steps: Array.from({ length: to - from }, (_, n) => unitOf(reads, from + n, unit)) };
}

/** So many letters it writes beside what stands there. */
const AHEAD = 70;

/** The letters behind the chosen one, as they stand there and as the model would write them; `parts` where these part first. */
function ahead(state, files, { at, read, values, bits }) {
  const stand = [...state.text].slice(at, Math.min(read, at + AHEAD));
  const own = writes(state, files, at, AHEAD).map((one) => ({ letter: ALPHABET[one.number], value: one[state.show][state.unit], bits: one.bits }));
  const parts = own.findIndex(({ letter }, n) => n < stand.length && letter !== stand[n]);
  if (parts >= 0) own[parts].mark = "parts";
  const there = stand.map((letter, n) => ({ letter, value: values[at + n], bits: bits[at + n] }));
  const means = [there, own].map((letters) => mean(letters.map((one) => one.bits)));
  return { there, own, means };
}

/** What the model writes behind the first `at` letters, as `writeOn` gives it. */
function writes(state, files, at, letters) {
  const { checkpoint, temperature, seed } = state;
  const reads = readTo(state, files, ({ length }) => length >= at);
  return writeOn(modelOf(files, checkpoint), at ? reads.state(at - 1) : null, { place: at, letters, temperature, seed, clamp: clampOf(state) });
}

/** The mean of what is a number: NaN where nothing is. */
function mean(bits) {
  const known = bits.filter((one) => !Number.isNaN(one));
  return known.reduce((sum, one) => sum + one, 0) / known.length;
}

// --- the text: letters in a field that can be written in, and behind them what they did to a unit

/** So many letters before and behind the chosen one are coloured, where a text is long. */
const AROUND = 800;

/** What stands behind the letters, one element for each that is coloured. */
function behind() {
  const element = html("code", { class: "behind", "aria-hidden": "true" });
  const [head, cells, tail] = [html("span"), answer(html("span")), html("span")];
  element.append(head, cells, tail);
  let seen = {};
  function update({ state: { show }, result }, letters) {
    const { at, values, bits } = result;
    if (seen.values === values && seen.at === at) return; // neither the text nor what is shown of it is new
    seen = { values, at };
    const [from, to] = [Math.max(0, at - AROUND), Math.min(result.read, at + AROUND)];
    patch(head, { text: letters.slice(0, from).join("") });
    paint(cells, letters.slice(from, to).map((letter, n) => {
      const t = from + n;
      return { letter, value: values[t], bits: bits[t], mark: t === at - 1 ? "now" : t > 0 && Number.isNaN(bits[t]) ? "strange" : "" };
    }), show);
    patch(tail, { text: `${letters.slice(to).join("")}\u200b` }); // a last line that is empty is a line
  }
  return { element, update };
}

/** The field that is written in, and what is behind it. */
function page({ change, current, say, settings, words }) {
  const back = behind();
  const field = html("textarea", {
    class: "typed", "aria-label": words.textControl, autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", ...KEEP_KEYS,
    oninput: typed, onscroll: follow, onfocus: follow,
  });
  const { most } = settings.text;
  /** How many letters stand before the caret. */
  const caret = () => [...field.value.slice(0, field.selectionEnd)].length;
  function typed() {
    let letters = [...field.value];
    if (letters.length > most) {
      letters = letters.slice(0, most);
      field.value = letters.join("");
      say(words.tooLong({ most }));
    }
    change({ text: field.value, letter: caret() });
    follow();
  }
  function follow() {
    back.element.scrollTop = field.scrollTop;
  }
  function chosen() {
    if (field.getRootNode().activeElement === field && field.value === current().text) change({ letter: caret() });
  }
  for (const event of ["keyup", "pointerup", "select"]) field.addEventListener(event, chosen);
  const element = html("div", { class: "page" }, back.element, field);
  let [at, seen, asked] = [0, -1, 0];
  /** In the frame after: who asks where something stands while it is drawn has all laid out twice. */
  function turn() {
    const now = back.element.querySelector(".now");
    if (at !== seen && now) {
      seen = at;
      const [top, bottom] = [now.offsetTop, now.offsetTop + now.offsetHeight];
      if (top < field.scrollTop || bottom > field.scrollTop + field.clientHeight) field.scrollTop = top - field.clientHeight / 2;
    }
    follow();
  }
  return {
    element,
    update(view) {
      const { state: { text }, result } = view;
      if (field.value !== text) field.value = text;
      back.update(view, [...text]);
      at = result.at;
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(turn);
    },
  };
}

// --- the drawing

const LAYOUTS = {
  wide: { text: 252, height: 176, letters: 32, columns: 16, pitch: 21.4, units: { x: 0, y: 26 }, bars: { x: 392, y: 26, rows: 7, pitch: 21 } },
  short: { text: 142, height: 118, letters: 24, columns: 24, pitch: 11, units: { x: 0, y: 22 }, bars: { x: 286, y: 22, rows: 4, pitch: 23 } },
  narrow: { text: 178, height: 208, letters: 18, columns: 24, pitch: 0, units: { x: 0, y: 22 }, bars: { x: 0, y: 0, rows: 4, pitch: 21 } },
};

/** Where all stands, in so much room. */
function layoutFor({ width, room }) {
  const shape = shapeOf({ width, room });
  const layout = LAYOUTS[shape];
  if (shape !== "narrow") return { shape, ...layout };
  const pitch = Math.min(15.5, width / 24);
  const units = { x: 0, y: 22 };
  const bars = { ...layout.bars, y: units.y + 4 * pitch + 30 };
  return { shape, ...layout, pitch, units, bars, height: Math.round(bars.y + bars.rows * bars.pitch + 2) };
}

/** What the text costs the model, as far as that is known. */
function cost({ result, words }) {
  if (result.waits) return result.missed ? "" : words.waits;
  return Number.isNaN(result.mean) ? "" : words.bits({ bits: fixed(result.mean) });
}

function stage(tools) {
  const { words, wants, redraw } = tools;
  const [text, below] = [page(tools), belowText(tools)];
  const [shown, told] = [html("span"), answer(html("b"))];
  const caption = html("p", { class: "told" }, shown, told);
  let asked; // for which state weights were asked for: not again before the reader changes it
  return {
    element: html("div", {}, text.element, caption, below.element),
    update(view) {
      const { state, result } = view;
      const layout = layoutFor(view);
      patch(text.element, { style: `height:${layout.text}px` });
      text.update(view);
      patch(shown, { text: words.caption({ what: words.shown[state.show], unit: state.unit }) });
      patch(told, { text: cost(view) });
      below.update(view, layout);
      if (result.waits && state !== asked) wants(state.checkpoint);
      else if (!result.waits && !result.done) setTimeout(redraw);
      asked = state;
    },
  };
}

// --- the controls, the words

const WRITES = 80;

function controls(tools) {
  const { settings, words, change } = tools;
  const { most } = settings.text;
  const letter = control(tools, {
    symbol: words.letterLabel, label: words.letterControl, min: 0, max: most, step: 1, whole: true, onvalue: (value) => change({ letter: value }),
  }, ({ text, letter: now }) => Math.min(now, [...text].length), ({ text }) => ({ upper: [...text].length }));
  return [
    letter,
    settingControl(tools, "unit", { symbol: words.unitLabel, label: words.unitControl }),
    stopControl(tools, "checkpoint", {
      symbol: words.trainedLabel, label: words.trainedControl, values: MOMENTS, texts: MOMENTS.map((one) => words.moments[one]),
    }),
    settingControl(tools, "temperature", { symbol: words.warmLabel, label: words.warmControl, decimals: 2 }),
  ];
}

/** It writes on from the chosen letter, one letter or a line and more; or once more, with other chances. */
function writing({ change, current, words, files }) {
  const button = (text, onclick) => html("button", { type: "button", class: "u-action", text, onclick, ...KEEP_KEYS });
  let begun = null; // at which letter it began to write, and what it left
  function write(letters, from, seed) {
    const now = current();
    if (!modelOf(files(), now.checkpoint)) return;
    const more = writes({ ...now, seed }, files(), from, letters).map(({ number }) => ALPHABET[number]);
    const text = [...now.text].slice(0, from).concat(more).join("");
    begun = { from, text };
    change({ text, letter: from + letters, seed });
  }
  const here = ({ text, letter }) => Math.min(letter, [...text].length);
  return {
    element: html("div", { class: "u-choices writing" },
      button(words.writeOne, () => write(1, here(current()), current().seed)),
      button(words.writeOn, () => write(WRITES, here(current()), current().seed)),
      button(words.again, () => write(WRITES, begun?.text === current().text ? begun.from : here(current()), (current().seed + 1) % 1000))),
    update: () => {},
  };
}

/** The search for the unit that tells a property best; the text stays as it is. */
function finder({ change, words, results: { properties } }) {
  const options = Object.keys(properties).map((name) => html("option", { value: name, text: words.properties[name] }));
  const field = html("select", {
    ...KEEP_KEYS, "aria-label": words.findControl,
    onchange: () => field.value && change({ unit: properties[field.value].unit, show: "c" }),
  }, html("option", { value: "", text: words.findNone }), ...options);
  return named(words.findLabel, {
    element: field,
    update({ state }) {
      const found = Object.keys(properties).filter((name) => properties[name].unit === state.unit);
      if (!found.includes(field.value)) field.value = found[0] ?? "";
    },
  });
}

function choice(tools) {
  const { words } = tools;
  const held = settingControl(tools, "held", { symbol: words.heldLabel, label: words.heldControl, decimals: 2 });
  const whileHeld = {
    element: held.element,
    update(view) {
      patch(held.element, { "data-off": view.state.hold === "nothing" });
      held.update(view);
    },
  };
  return together("holding", named(words.belowLabel, settingSegments(tools, "below", words.belowControl, words.belows)),
    finder(tools), named(words.showLabel, settingSegments(tools, "show", words.showControl, words.shows)),
    named(words.holdLabel, settingSegments(tools, "hold", words.holdControl, words.holds)), whileHeld);
}

/** How the chosen unit's cell state came about at the chosen letter; and what the unit follows. */
function formula({ state, result, words, results }) {
  const { step } = result;
  const followed = results.follows[state.unit];
  const { right, all, letters } = results.properties[followed.property];
  const percent = (share) => Math.round(100 * share);
  const told = words.follows({
    unit: state.unit, property: words.properties[followed.property], right: percent(followed.right), best: percent(right), all: percent(all), letters: percent(letters),
  });
  if (!step) return [sketch("div", { text: words.nothingRead }), sketch("div", { class: "known", text: told })];
  const operands = [step.f, step.before, step.i, step.g];
  const held = state.hold === "c";
  const { decimals, exact } = decimalsFor(operands, ([a, b, c, d]) => a * b + c * d, step.c);
  const [f, before, i, g] = operands.map((one) => signed(one, decimals));
  const sum = held ? [`${words.heldAt} `] : [`${f} × ${before} + ${i} × ${g} ${exact ? "=" : "≈"} `];
  return [
    sketch("div", {}, sketch("i", { text: "c" }), held ? ": " : " = f c + i g = ", ...sum, sketch("b", { text: fixed(step.c) })),
    sketch("div", { text: words.gates({ i: fixed(step.i), f: fixed(step.f), o: fixed(step.o) }) }),
    sketch("div", { class: "known", text: told }),
  ];
}

const status = ({ result, words }) => (result.missed ? words.missed : null);

function summary(view) {
  const { state, result, words } = view;
  if (result.waits) return status(view) ?? words.waits;
  const p = result.probabilities;
  const top = p ? p.indexOf(Math.max(...p)) : 0;
  return words.summary({
    moment: words.moments[state.checkpoint], read: result.at, length: result.length, said: p ? "yes" : "no",
    bits: Number.isNaN(result.mean) ? "–" : fixed(result.mean), next: p ? spelled(top, words) : "", share: p ? Math.round(100 * p[top]) : 0,
    what: words.shown[state.show], unit: state.unit, value: result.at ? fixed(result.values[result.at - 1]) : "–",
    below: state.below, own: result.ahead.own.map(({ letter }) => letter).join("").replace(/\s+/g, " "),
  });
}

const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).replace(/(?:\\ud[89ab]..\\ud[c-f]..)/gi,
  (pair) => `\\U${JSON.parse(`"${pair}"`).codePointAt(0).toString(16).padStart(8, "0")}`);

function copyPython(state, words) {
  const clamp = clampOf(state);
  const held = clamp ? `(${clamp.unit}, "${clamp.what}", ${clamp.value})` : "None";
  const own = `
    more = {"temperature": ${state.temperature}, "seed": ${state.seed}, "clamp": ${held}}
    print(repr(characters.write(model, text[:letter], ${AHEAD}, **more)))`;
  return `# ${words.comment}
from unrolled import characters, corpus

text = ${quoted(state.text)}
model = characters.load("${state.checkpoint}")
reading = characters.read(model, text, clamp=${held})
letter = min(${state.letter}, len(text))
if letter:
    p = reading.probabilities[letter - 1]
    for k in p.argsort()[::-1][:5]:
        print(repr(corpus.ALPHABET[k]), f"{p[k]:.3f}")
    print("unit ${state.unit}", f"{reading.${state.show}[letter - 1, ${state.unit}]:.4f}")${state.below === "own" ? own : ""}
`;
}

export const code = { copyPython };

/** What was computed, by the names that the face has for it. */
export const names = (state, { values, bits, probabilities, mean: all }) => ({ values, surprise: bits, probabilities, bits: all });

const parametersWith = ({ text: { most }, ...settings }) => [text("text", { max: most }), ...parametersOf(settings, ["letter", "unit", "show", "below"])];

export default {
  render({ model, el }) {
    const { results, settings } = model.get("_room");
    const files = () => model.get("_files") ?? {};
    /** A checkpoint's weights, when they are first asked for. */
    function wants(name) {
      if (model.get("_wanted") === name) return;
      model.set("_wanted", name);
      attempt(() => model.save_changes());
    }
    const more = { results, wants, files };
    return hearing("_files", {
      parameters: parametersWith(settings),
      compute: (state) => compute(state, { files: files() }),
      names,
      stage: (tools) => stage({ ...tools, ...more }),
      controls,
      after: (tools) => writing({ ...tools, ...more }),
      choice: (tools) => choice({ ...tools, ...more }),
      formula: (view) => formula({ ...view, results }),
      status,
      summary,
      code,
    }).render({ model, el });
  },
};
