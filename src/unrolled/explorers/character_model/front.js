/** A character model that reads what one types: the front end of its room. */

import { ALPHABET, chanceAt, draw, encode, reader, unpack } from "#core/characters.js";
import { softmax } from "#core/linear.js";
import { settingControl, settingSegments, named, control, stopControl, together } from "#view/controls.js";
import { html, patch, repeat, sketch, svg } from "#view/dom.js";
import { placeIn } from "#view/drag.js";
import { answer, explorer } from "#view/explorer.js";
import { signed } from "#view/formula.js";
import { attempt } from "#view/host.js";
import { decimalsFor, fixed } from "#view/number.js";
import { parametersOf, text } from "#view/parameters.js";
import { shapeOf, within } from "#view/shape.js";
import { KEEP_KEYS } from "#view/slider.js";
import { round, textLane } from "#view/strip.js";

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
 * next, `all` units' values and the chosen unit's `step`. Where the weights are not here, it waits.
 *
 * @param {object} state
 * @param {{files: Record<string, string>, patient?: boolean}} known `patient`: all is read at once
 */
export function compute(state, { files, patient = false }) {
  const { checkpoint, text, letter, unit, show } = state;
  if (!modelOf(files, checkpoint)) return { waits: true, read: 0, length: 0, at: 0, values: [], bits: [] };
  const numbers = encode(text);
  const reads = readerOf(files, state);
  reads.turnTo(numbers);
  const begun = performance.now();
  const done = reads.read(() => !patient && reads.length >= AT_ONCE && performance.now() - begun > PATIENCE);
  const read = reads.length;
  const values = Array.from({ length: read }, (_, t) => reads.valueAt(t, unit, show));
  const bits = Array.from({ length: read }, (_, t) => reads.bits(t));
  const at = Math.min(letter, read);
  const result = { done, read, length: numbers.length, at, values, bits, mean: mean(bits) };
  if (at === 0) return result;
  const step = reads.stepAt(at - 1);
  const before = at > 1 ? reads.state(at - 2).c[unit] : 0;
  return {
    ...result,
    probabilities: Array.from(softmax(reads.logitsAt(at - 1))),
    all: Array.from(step[show]),
    step: { ...Object.fromEntries(["i", "f", "g", "o", "c", "h"].map((name) => [name, step[name][unit]])), before },
  };
}

/** The mean of what is a number: NaN where nothing is. */
function mean(bits) {
  const known = bits.filter((one) => !Number.isNaN(one));
  return known.reduce((sum, one) => sum + one, 0) / known.length;
}

/** So many letters that the model writes after the text's first `letter`s, as one text. */
export function written(state, files, letters) {
  const numbers = encode(state.text).slice(0, state.letter);
  const reads = readerOf(files, state);
  for (let k = 0; k < letters; k++) {
    reads.turnTo(numbers.slice());
    reads.read();
    const logits = numbers.length ? reads.logitsAt(numbers.length - 1) : new Float64Array(ALPHABET.length);
    numbers.push(draw(logits, state.temperature, chanceAt(state.seed, numbers.length)));
  }
  return [...state.text].slice(0, state.letter).join("") + numbers.slice(numbers.length - letters).map((k) => ALPHABET[k]).join("");
}

/** A value as a share of what its kind can be: a cell state has no end, and is shown through tanh. */
const shareOf = (value, show) => (show === "c" ? Math.tanh(value) : value);
const isGate = (show) => "ifo".includes(show);

// --- the text: letters in a field that can be written in, and behind them what they did to a unit

/** So many letters before and behind the chosen one are coloured, where a text is long. */
const AROUND = 800;

/** What stands behind the letters, one element for each that is coloured. */
function behind() {
  const element = html("code", { class: "behind", "aria-hidden": "true" });
  const [head, cells, tail] = [html("span"), answer(html("span")), html("span")];
  element.append(head, cells, tail);
  const look = (share, gate) => (gate ? "gate" : share < 0 ? "below" : "above");
  function update({ state, result }, letters) {
    const [from, to] = [Math.max(0, result.at - AROUND), Math.min(result.read, result.at + AROUND)];
    const gate = isGate(state.show);
    patch(head, { text: letters.slice(0, from).join("") });
    repeat(cells, to - from, () => html("span")).forEach((cell, n) => {
      const t = from + n;
      const share = shareOf(result.values[t], state.show);
      const high = gate ? share : (share + 1) / 2; // where the line stands
      const bits = result.bits[t];
      const strange = Number.isNaN(bits) && t > 0;
      patch(cell, {
        class: `${look(share, gate)}${t === result.at - 1 ? " now" : ""}${strange ? " strange" : ""}`,
        style: `--s:${(Math.abs(share) * 62).toFixed(0)}%;--y:${(11 - 10 * high).toFixed(1)}px;--b:${Number.isNaN(bits) ? 0 : Math.min(8, bits).toFixed(1)}px`,
        text: letters[t],
      });
    });
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
  let seen = -1;
  return {
    element,
    update(view) {
      const { state: { text }, result } = view;
      if (field.value !== text) field.value = text;
      const letters = [...text];
      back.update(view, letters);
      const now = back.element.querySelector(".now");
      if (result.at !== seen && now) {
        seen = result.at;
        const [top, bottom] = [now.offsetTop, now.offsetTop + now.offsetHeight];
        if (top < field.scrollTop || bottom > field.scrollTop + field.clientHeight) field.scrollTop = top - field.clientHeight / 2;
      }
      follow();
    },
  };
}

// --- what comes next, and all units

/** What it would draw from, instead of these probabilities: all of it goes to the likeliest where it is cold. */
function atTemperature(p, temperature) {
  const top = Math.max(...p);
  return temperature ? softmax(p.map((one) => Math.log(one) / temperature)) : p.map((one) => Number(one === top));
}

const LAYOUTS = {
  wide: { text: 252, height: 176, columns: 16, pitch: 21.4, units: { x: 0, y: 26 }, bars: { x: 392, y: 26, rows: 7, pitch: 21 } },
  short: { text: 142, height: 118, columns: 24, pitch: 11, units: { x: 0, y: 22 }, bars: { x: 286, y: 22, rows: 4, pitch: 23 } },
  narrow: { text: 178, height: 208, columns: 24, pitch: 0, units: { x: 0, y: 22 }, bars: { x: 0, y: 0, rows: 4, pitch: 21 } },
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

/** A letter in a label: what cannot be seen has a name. */
const spelled = (number, words) => ({ "\n": words.lineEnd, " ": words.blank })[ALPHABET[number]] ?? ALPHABET[number];

function barsPart(words) {
  const head = textLane();
  const [tracks, shares, warm, past] = ["track", "share", "warm", "u-ghost"].map((look) => svg("path", { class: look }));
  const [letters, percents] = [textLane(), textLane()];
  const element = answer(svg("g", {}, tracks, shares, warm, past, letters.element, percents.element));
  return {
    elements: [head.element, element],
    update({ state, result, ghost, width }, { bars: { x, y, rows, pitch } }) {
      head.update([[x, y - 10, words.expects, "head"]]);
      const p = result.probabilities ?? [];
      const order = p.map((_, k) => k).sort((a, b) => p[b] - p[a]).slice(0, rows);
      const [left, right] = [x + 40, width - 44];
      const long = (value) => Math.max(0, value) * (right - left);
      const each = (draw) => order.map((k, row) => draw(k, y + row * pitch)).join("");
      const bar = (long_) => (k, top) => `M${left} ${round(top)}h${round(long_(k))}v${pitch - 8}h${round(-long_(k))}z`;
      patch(tracks, { d: each(bar(() => right - left)) });
      patch(shares, { d: each(bar((k) => long(p[k]))) });
      const drawn = atTemperature(p, state.temperature);
      patch(warm, { d: each((k, top) => `M${round(left + long(drawn[k]))} ${round(top - 2)}v${pitch - 4}`) });
      const old = ghost?.probabilities;
      patch(past, { d: old ? each((k, top) => (Math.abs(old[k] - p[k]) < 0.005 ? "" : `M${round(left + long(old[k]))} ${round(top - 2)}v${pitch - 4}`)) : "" });
      letters.update(order.map((k, row) => [left - 8, y + row * pitch + (pitch - 8) / 2 + 1, spelled(k, words), "letter"]));
      percents.update(order.map((k, row) => [width - 2, y + row * pitch + (pitch - 8) / 2 + 1, `${Math.round(100 * p[k])} %`, "percent"]));
      patch(element, { "data-empty": !state.text });
    },
  };
}

/** All units' values at the chosen letter, a square each; what they follow best puts them in order. */
function unitsPart(words, order) {
  const head = textLane();
  const squares = svg("g");
  const marks = svg("path", { class: "marks" });
  const frame = svg("rect", { class: "chosen", rx: 2.5 });
  const rows = (columns) => Math.ceil(order.length / columns);
  return {
    elements: [head.element, answer(svg("g", {}, squares, marks)), frame],
    /** The unit at a pixel, or null. */
    at([px, py], { columns, pitch, units: { x, y } }) {
      const [column, row] = [Math.floor((px - x) / pitch), Math.floor((py - y) / pitch)];
      if (column < 0 || column >= columns || row < 0 || row >= rows(columns)) return null;
      return order[row * columns + column] ?? null;
    },
    update({ state, result }, { columns, pitch, units: { x, y } }) {
      head.update([[x, y - 10, words.units[state.show], "head"]]);
      const place = (n) => [x + (n % columns) * pitch, y + Math.floor(n / columns) * pitch];
      const gate = isGate(state.show);
      const size = pitch - 2;
      let lines = "";
      repeat(squares, order.length, () => svg("rect", { rx: 2 })).forEach((square, n) => {
        const share = shareOf(result.all?.[order[n]] ?? 0, state.show);
        const [left, top] = place(n);
        patch(square, {
          x: round(left + 1), y: round(top + 1), width: round(size), height: round(size),
          class: gate ? "gate" : share < 0 ? "below" : "above", style: `--s:${(Math.abs(share) * 100).toFixed(0)}%`,
        });
        if (result.all) lines += `M${round(left + 2)} ${round(top + 1 + size * (gate ? 1 - share : (1 - share) / 2))}h${round(size - 2)}`;
      });
      patch(marks, { d: lines });
      const [left, top] = place(order.indexOf(state.unit));
      patch(frame, { x: round(left), y: round(top), width: round(pitch), height: round(pitch) });
    },
  };
}

function stage(tools) {
  const { change, words, results, wants, redraw } = tools;
  const text = page(tools);
  const [bars, units] = [barsPart(words), unitsPart(words, results.order)];
  const [shown, told] = [html("span"), answer(html("b"))];
  const caption = html("p", { class: "told" }, shown, told);
  const drawing = svg("svg", { role: "img" }, ...units.elements, ...bars.elements);
  const field = html("div", { class: "u-field" }, drawing);
  let layout;
  field.addEventListener("pointerdown", (event) => {
    const unit = units.at(placeIn(field, event), layout);
    if (unit !== null) change({ unit });
  });
  return {
    element: html("div", {}, text.element, caption, field),
    update(view) {
      const { state, result, width } = view;
      layout = layoutFor(view);
      patch(text.element, { style: `height:${layout.text}px` });
      text.update(view);
      patch(shown, { text: words.caption({ what: words.shown[state.show], unit: state.unit }) });
      patch(told, { text: result.waits ? words.waits : Number.isNaN(result.mean) ? "" : words.bits({ bits: fixed(result.mean) }) });
      patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": view.label });
      units.update(view, layout);
      bars.update(view, layout);
      if (result.waits) wants(state.checkpoint);
      else if (!result.done) setTimeout(redraw);
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
    const text = written({ ...now, letter: from, seed }, files(), letters);
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
  return together("holding", named(words.showLabel, settingSegments(tools, "show", words.showControl, words.shows)),
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

function summary({ state, result, words }) {
  if (result.waits) return words.waits;
  const p = result.probabilities;
  const top = p ? p.indexOf(Math.max(...p)) : 0;
  return words.summary({
    moment: words.moments[state.checkpoint], read: result.at, length: result.length, said: p ? "yes" : "no",
    bits: Number.isNaN(result.mean) ? "–" : fixed(result.mean), next: p ? spelled(top, words) : "", share: p ? Math.round(100 * p[top]) : 0,
    what: words.shown[state.show], unit: state.unit, value: result.at ? fixed(result.values[result.at - 1]) : "–",
  });
}

const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).replace(/(?:\\ud[89ab]..\\ud[c-f]..)/gi,
  (pair) => `\\U${JSON.parse(`"${pair}"`).codePointAt(0).toString(16).padStart(8, "0")}`);

function copyPython(state, words) {
  const clamp = clampOf(state);
  const held = clamp ? `(${clamp.unit}, "${clamp.what}", ${clamp.value})` : "None";
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
    print("unit ${state.unit}", f"{reading.${state.show}[letter - 1, ${state.unit}]:.4f}")
`;
}

export const code = { copyPython };

/** What was computed, by the names that the face has for it. */
export const names = (state, { values, bits, probabilities, mean: all }) => ({ values, surprise: bits, probabilities, bits: all });

const parametersWith = ({ text: { most }, ...settings }) => [text("text", { max: most }), ...parametersOf(settings, ["letter", "unit", "show"])];

export default {
  render({ model, el }) {
    const { results, settings } = model.get("_room");
    const files = () => model.get("_files") ?? {};
    let redraw = () => {};
    /** A checkpoint's weights, when they are first asked for. */
    function wants(name) {
      if (model.get("_wanted") === name) return;
      model.set("_wanted", name);
      attempt(() => model.save_changes());
    }
    const heard = () => redraw();
    attempt(() => model.on("change:_files", heard));
    const more = { results, wants, files };
    const stop = explorer({
      parameters: parametersWith(settings),
      compute: (state) => compute(state, { files: files() }),
      names,
      stage(tools) {
        redraw = tools.redraw;
        return stage({ ...tools, ...more });
      },
      controls,
      after: (tools) => writing({ ...tools, ...more }),
      choice,
      formula: (view) => formula({ ...view, results }),
      summary,
      code,
    }).render({ model, el });
    return () => {
      attempt(() => model.off("change:_files", heard));
      stop();
    };
  },
};
