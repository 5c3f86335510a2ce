/**
 * What stands below the text that a character model reads: all its units and what it expects, or the
 * chosen unit's gates over the last letters, or what it writes on its own beside what stands there.
 */

import { ALPHABET } from "#core/characters.js";
import { softmax } from "#core/linear.js";
import { html, patch, repeat, svg } from "#view/dom.js";
import { placeIn } from "#view/drag.js";
import { answer } from "#view/explorer.js";
import { end, rowsAt } from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "#view/gates.js";
import { fixed } from "#view/number.js";
import { barLane, columns, cursorBand, round, textLane } from "#view/strip.js";

/** A value as a share of what its kind can be: a cell state has no end, and is shown through tanh. */
const shareOf = (value, show) => (show === "c" ? Math.tanh(value) : value);
const isGate = (show) => "ifo".includes(show);
const lookOf = (share, show) => (isGate(show) ? "gate" : share < 0 ? "below" : "above");

/** A letter in a row of which none may break the line. */
const visible = (letter) => (letter === "\n" ? "↵" : letter);

/** A letter in a label: what cannot be seen has a name. */
export const spelled = (number, words) => ({ "\n": words.lineEnd, " ": words.blank })[ALPHABET[number]] ?? ALPHABET[number];

/**
 * Letters in a row, each over its colour, its line and its bar.
 * @param {{letter: string, value: number, bits: number, mark?: string}[]} letters
 */
export function paint(row, letters, show) {
  repeat(row, letters.length, () => html("span")).forEach((cell, n) => {
    const { letter, value, bits, mark = "" } = letters[n];
    const share = shareOf(value, show);
    const high = isGate(show) ? share : (share + 1) / 2; // where the line stands
    patch(cell, {
      class: `${lookOf(share, show)} ${mark}`,
      style: `--s:${(Math.abs(share) * 62).toFixed(0)}%;--y:${(11 - 10 * high).toFixed(1)}px;--b:${Number.isNaN(bits) ? 0 : Math.min(8, bits).toFixed(1)}px`,
      text: letter,
    });
  });
}

// --- all units, and what comes next

/** What it would draw from, instead of these probabilities: all of it goes to the likeliest where it is cold. */
function atTemperature(p, temperature) {
  const top = Math.max(...p);
  return temperature ? softmax(p.map((one) => Math.log(one) / temperature)) : p.map((one) => Number(one === top));
}

function barsPart(words) {
  const head = textLane();
  const [tracks, shares, warm, past] = ["track", "share", "warm", "u-ghost"].map((look) => svg("path", { class: look }));
  const [letters, percents] = [textLane(), textLane()];
  const element = answer(svg("g", {}, tracks, shares, warm, past, letters.element, percents.element));
  return {
    elements: [head.element, element],
    update({ state, result, ghost, width }, { shape, bars: { x, y, rows, pitch } }) {
      head.update([[x, y - 10, words.expects({ short: shape === "short" }), "head"]]);
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
          class: lookOf(share, state.show), style: `--s:${(Math.abs(share) * 100).toFixed(0)}%`,
        });
        if (result.all) lines += `M${round(left + 2)} ${round(top + 1 + size * (gate ? 1 - share : (1 - share) / 2))}h${round(size - 2)}`;
      });
      patch(marks, { d: lines });
      const [left, top] = place(order.indexOf(state.unit));
      patch(frame, { x: round(left), y: round(top), width: round(pitch), height: round(pitch) });
    },
  };
}

function unitsAndNext({ change, words, results }) {
  const [bars, units] = [barsPart(words), unitsPart(words, results.order)];
  const drawing = svg("svg", { role: "img" }, ...units.elements, ...bars.elements);
  const field = html("div", { class: "u-field" }, drawing);
  let layout;
  field.addEventListener("pointerdown", (event) => {
    const unit = units.at(placeIn(field, event), layout);
    if (unit !== null) change({ unit });
  });
  return {
    element: field,
    update(view, now) {
      layout = now;
      patch(drawing, { width: view.width, height: layout.height, viewBox: `0 0 ${view.width} ${layout.height}`, "aria-label": view.label });
      units.update(view, layout);
      bars.update(view, layout);
    },
  };
}

// --- the chosen unit's gates, over the last letters: chapter 4's picture

/** So many of the letters that were read, the chosen one, `at`, among them; what is before it matters more. */
function lettersAround({ from, steps }, at, read, most) {
  const start = Math.max(0, Math.min(at - Math.ceil(0.75 * most), read - most));
  return { from: start, steps: steps.slice(start - from, start - from + most) };
}

const HALVES = { h: 20, o: 12, c: 34, i: 12, g: 16 };
const FOOT = 22;

function gatesOverLetters({ change, words }) {
  const [axis, cursor, band, valves, o, i] = [bandAxis(), cursorBand(), bandLane(), gateLane({ valve: true }), gateLane(), gateLane()];
  const [rises, adds, squashes, h, g] = [flowLane(), flowLane(), flowLane(), barLane(), barLane()];
  const [letters, names] = [textLane(), textLane()];
  const zeros = svg("path", { class: "u-line" });
  const shown = answer(svg("g", {}, ...[axis, rises, adds, squashes, band, valves, o, i, h, g].map(({ element }) => element)));
  const drawing = svg("svg", { role: "img" }, cursor.element, zeros, shown, letters.element, names.element);
  const field = html("div", { class: "u-field" }, drawing);
  let place = null;
  field.addEventListener("pointerdown", (event) => {
    const { cols, from, count } = place;
    change({ letter: from + Math.min(cols.at(placeIn(field, event)[0]), count - 1) + 1 });
  });
  return {
    element: field,
    update(view, { height, letters: most }) {
      const { state, result, ghost, width } = view;
      const { from, steps } = lettersAround(result.around, result.at, result.read, most);
      const cols = columns(width, most, { left: 52, right: 2 });
      const none = rowsAt(HALVES, 4, 0).end;
      const { rows } = rowsAt(HALVES, 4, (height - FOOT - none) / (rowsAt(HALVES, 4, 1).end - none));
      place = { cols, from, count: steps.length };
      const of = (name) => steps.map((one) => one[name]);
      const old = ghost?.around && lettersAround(ghost.around, ghost.at, ghost.read, most);
      const past = (name) => (old?.from === from ? old.steps.map((one) => one[name]) : null);
      const bars = (name) => ({ cols, zero: rows[name].y, half: rows[name].half, limit: 1, values: of(name), ghost: past(name) });
      const gate = (name, row = name) => ({ cols, ...rows[row], values: of(name), ghost: past(name), held: state.hold === name });
      const limit = bandLimit(of("c"));
      const written = steps.map(({ i, g }) => i * g);
      patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
      axis.update({ cols, ...rows.c, text: String(limit) });
      band.update({ cols, ...rows.c, limit, values: of("c"), kept: steps.map(({ f, before }) => f * before), ghost: past("c") });
      valves.update(gate("f", "c"));
      o.update(gate("o"));
      i.update(gate("i"));
      h.update(bars("h"));
      g.update(bars("g"));
      rises.update({ cols, from: end("above", rows.g, of("g")), to: end("under", rows.i), values: of("g") });
      adds.update({ cols, from: end("over", rows.i), to: end("outside", rows.c, of("c"), limit), values: written, limit: bandLimit(written) });
      squashes.update({ cols, from: end("over", rows.o), to: end("below", rows.h, of("h")), values: of("h") });
      patch(zeros, { d: ["h", "g"].map((name) => `M${cols.left} ${rows[name].y}H${cols.end}`).join("") });
      cursor.update({ cols, at: result.at - 1 - from, top: 0, bottom: height });
      patch(cursor.element, { display: steps.length ? null : "none" });
      const y = height - 6;
      letters.update([...state.text].slice(from, from + steps.length)
        .map((letter, k) => [cols.x(k), y, visible(letter), from + k === result.at - 1 ? "u-chosen" : "said"]));
      const apart = Math.min(9, rows.c.half / 2);
      const heights = { h: rows.h.y, o: rows.o.y, c: rows.c.y - apart, f: rows.c.y + apart, i: rows.i.y, g: rows.g.y };
      names.update(Object.entries(heights).map(([name, at]) => [3, at + 4, words.rows[name], "head"]));
    },
  };
}

// --- what it writes on its own, beside what stands there

function onItsOwn({ words }) {
  const line = () => ({ told: html("span"), cost: answer(html("b")), row: answer(html("code", { class: "letters" })) });
  const [there, own] = [line(), line()];
  const element = html("div", { class: "ahead" }, ...[there, own].flatMap(({ told, cost, row }) => [html("p", { class: "told" }, told, cost), row]));
  function show({ told, cost, row }, text, letters, bits, { show: what }) {
    patch(told, { text });
    patch(cost, { text: Number.isNaN(bits) ? "" : words.bits({ bits: fixed(bits) }) });
    paint(row, letters.map((one) => ({ ...one, letter: visible(one.letter) })), what);
  }
  return {
    element,
    update({ state, result: { ahead } }, { height }) {
      patch(element, { style: `height:${height}px` });
      const [mean, ownMean] = ahead.means;
      show(there, words.there, ahead.there, mean, state);
      show(own, words.own, ahead.own, ownMean, state);
    },
  };
}

/**
 * The three, in one place and as high as each other; the state's `below` says which is seen.
 * @param {import("#view/explorer.js").Tools} tools
 */
export function belowText(tools) {
  const parts = { units: unitsAndNext(tools), gates: gatesOverLetters(tools), own: onItsOwn(tools) };
  return {
    element: html("div", {}, ...Object.values(parts).map(({ element }) => element)),
    update(view, layout) {
      for (const [name, { element }] of Object.entries(parts)) patch(element, { hidden: name !== view.state.below });
      parts[view.state.below].update(view, layout);
    },
  };
}
