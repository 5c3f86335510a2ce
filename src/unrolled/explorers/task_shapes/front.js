/**
 * Which steps get an input, which outputs are read, where a loss sits, five kinds of task from
 * one network: the front end of its room.
 */

import { pytorch, read, resize, span, stretch, tensors, tuple } from "#core/task_shapes.js";
import { settingControl } from "#view/controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { same, steps } from "#view/parameters.js";
import { KEEP_KEYS } from "#view/slider.js";
import { arrowPath, columns, symbolText } from "#view/strip.js";

const LANES = ["inputs", "outputs", "losses"];
const SYMBOLS = { timesteps: "T", batch_size: "N", features: "d", hidden_size: "H", classes: "K" };


/** A loss needs its output to be read: whichever was just set stands. */
export function settle(state, { losses, outputs }) {
  const inside = (list) => list.filter((step) => step <= state.timesteps);
  const scored = inside(state.losses);
  const shown = losses && !outputs ? span(1, state.timesteps).filter((step) => [...state.outputs, ...scored].includes(step))
    : inside(state.outputs);
  return { ...state, inputs: inside(state.inputs), outputs: shown, losses: scored.filter((step) => shown.includes(step)) };
}

export const compute = (state) => ({ ...read(state), state, tensors: tensors(state), code: pytorch(state) });

// --- the drawing

const WIDE = { left: 116, pitch: 96, loss: 20, output: 70, cell: 125, input: 181, step: 217, net: 234, height: 250, mark: 26, cellWidth: 42 };
const NARROW = {
  left: 44, pitch: 72, loss: 18, output: 64, cell: 114, input: 166, step: 199, net: 216, height: 232, mark: 24, cellWidth: 34,
};

/** Where the columns, the rows and the marks stand; `has` says of each lane which steps are in it. */
function placeFor({ state, width }, most) {
  const wide = width >= 560;
  const at = wide ? WIDE : NARROW;
  const T = state.timesteps;
  const cols = columns(Math.min(width, at.left + most * at.pitch + 4), most, { left: at.left }); // a column never moves
  const stop = Math.min(at.cellWidth, cols.pitch - 8) / 2;
  return {
    wide, at, T, cols, stop,
    half: Math.min(at.mark, cols.pitch - 9) / 2,
    start: cols.x(0) - Math.min(cols.pitch / 2, stop + 18),
    lanes: { inputs: at.input, outputs: at.output, losses: at.loss },
    has: Object.fromEntries(LANES.map((lane) => [lane, span(1, T).map((step) => state[lane].includes(step))])),
  };
}

const upArrow = (x, from, to) => `M${x} ${from}V${to}${from - to > 12 ? "m-3.5 4.5l3.5 -4.5l3.5 4.5" : ""}`;

/** From the state before, from the input, to what is read, to the loss. */
function wiring() {
  const element = svg("g", { class: "u-wires" });
  const make = () => svg("g", {}, svg("path"), svg("path"), svg("path"), svg("path"));
  return {
    element,
    update({ used }, { at, T, cols, stop, half, start, has }) {
      repeat(element, T, make).forEach((group, k) => {
        const [across, up, out, scored] = partsOf(group);
        const x = cols.x(k).toFixed(1);
        const from = k === 0 ? start + 5 : cols.x(k - 1) + stop + 1;
        const carries = used[k] ? "live" : "";
        patch(across, { d: arrowPath(from, cols.x(k) - stop - 1.5, at.cell), class: carries || "u-dotted" });
        patch(up, { d: upArrow(x, at.input - half - 2, at.cell + 17), class: has.inputs[k] ? carries : "u-dotted" });
        patch(out, { d: has.outputs[k] ? upArrow(x, at.cell - 16, at.output + half + 2) : null, class: "live" });
        patch(scored, { d: has.losses[k] ? upArrow(x, at.output - half - 2, at.loss + half + 2) : null, class: "live" });
      });
    },
  };
}

/** The cells; a decoder's have a double edge. */
function cellRow() {
  const first = svg("circle", { class: "start", r: 4 });
  const cells = svg("g", { class: "cells" });
  const make = (k) => svg("g", {}, svg("rect", { rx: 11 }), svg("rect", { rx: 8 }), symbolText("h", String(k + 1)));
  return {
    elements: [first, cells],
    update({ used, reads }, { at, T, cols, stop, start }) {
      patch(first, { cx: start.toFixed(1), cy: at.cell });
      repeat(cells, T, make).forEach((group, k) => {
        const [outer, inner, text] = partsOf(group);
        const box = (inset) => ({
          x: (cols.x(k) - stop + inset).toFixed(1), y: at.cell - 15 + inset, width: Math.max(0, 2 * (stop - inset)), height: 30 - 2 * inset,
        });
        patch(group, { class: used[k] ? "used" : null });
        patch(outer, box(0));
        patch(inner, { ...box(3), visibility: reads && k >= reads ? "visible" : "hidden" });
        patch(text, { x: cols.x(k).toFixed(1), y: at.cell + 4 });
      });
    },
  };
}

/** Inputs and outputs are squares, a loss is a diamond: told apart without colour. */
function outline(lane, x, y, half) {
  if (lane === "losses") {
    const r = half * 1.14;
    return `M${x.toFixed(1)} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`;
  }
  const [side, r] = [2 * half, 5];
  const straight = side - 2 * r;
  return `M${(x - half + r).toFixed(1)} ${y - half}h${straight}a${r} ${r} 0 0 1 ${r} ${r}v${straight}a${r} ${r} 0 0 1 ${-r} ${r}`
    + `h${-straight}a${r} ${r} 0 0 1 ${-r} ${-r}v${-straight}a${r} ${r} 0 0 1 ${r} ${-r}z`;
}

/** The marks that the reader switches, and round one that has just changed the ghost of the other. */
function marks() {
  const element = svg("g");
  const letters = { inputs: "x", outputs: "y", losses: "L" };
  const make = (n) => svg("g", { "data-lane": LANES[n % 3] }, svg("path", { class: "u-ghost" }), svg("path", { class: "task-mark" }), symbolText("", ""));
  return {
    element,
    update({ ghost }, { T, cols, half, lanes, has }) {
      repeat(element, 3 * T, make).forEach((group, n) => {
        const [lane, k] = [LANES[n % 3], Math.floor(n / 3)];
        const [was, shape, text] = partsOf(group);
        const [symbol, number] = partsOf(text);
        const [x, y, on] = [cols.x(k), lanes[lane], has[lane][k]];
        const before = ghost && k < ghost.state.timesteps && ghost.state[lane].includes(k + 1);
        patch(group, { class: on ? "on" : null });
        patch(was, { d: ghost && before !== on ? outline(lane, x, y, half + 3) : null });
        patch(shape, { d: outline(lane, x, y, half) });
        patch(text, { x: x.toFixed(1), y: y + 4, visibility: on || lane === "inputs" ? "visible" : "hidden" });
        patch(symbol, { "font-style": on ? "italic" : "normal", text: on ? letters[lane] : "0" });
        patch(number, { text: on ? String(k + 1) : "" });
      });
    },
  };
}

/** On every mark lies a checkbox of a finger's size. */
function switches({ change, current, words }) {
  const toggle = (lane, step) => {
    const now = current()[lane];
    change({ [lane]: now.includes(step) ? now.filter((one) => one !== step) : [...now, step].sort((a, b) => a - b) });
  };
  const rows = LANES.map((lane) => {
    const element = html("div", { role: "group", "aria-label": words.lanes[lane] });
    const make = (k) => html("input", {
      type: "checkbox", "aria-label": words.toggle({ lane, step: k + 1 }), "data-lane": lane, ...KEEP_KEYS, onchange: () => toggle(lane, k + 1),
    });
    function update({ T, cols, lanes, has }) {
      const reach = Math.min(48, cols.pitch);
      repeat(element, T, make).forEach((box, k) => {
        box.checked = has[lane][k];
        patch(box, {
          style: `left:${(cols.x(k) - reach / 2).toFixed(1)}px;top:${lanes[lane] - 21}px;width:${reach.toFixed(1)}px;height:42px`,
        });
      });
    }
    return { element, update };
  });
  return { elements: rows.map(({ element }) => element), update: (place) => rows.forEach((row) => row.update(place)) };
}

/** The steps' numbers, and below them brackets that say which steps share their weights. */
function networks({ networks: names }) {
  const ticks = svg("g", { class: "u-ticks" });
  const nets = svg("g", { class: "nets" });
  return {
    elements: [ticks, nets],
    update({ reads }, { wide, at, T, cols, stop }) {
      repeat(ticks, T, (k) => svg("text", { "text-anchor": "middle", text: String(k + 1) })).forEach((text, k) => {
        patch(text, { x: cols.x(k).toFixed(1), y: at.step });
      });
      const parts = reads ? [[0, reads - 1, names.encoder], [reads, T - 1, names.decoder({ wide })]]
        : [[0, T - 1, T === 1 ? names.single : names.one]];
      repeat(nets, parts.length, () => svg("g", {}, svg("path"), svg("text", { "text-anchor": "middle" }))).forEach((group, n) => {
        const [bracket, text] = partsOf(group);
        const [from, to, name] = parts[n];
        const [a, b] = [cols.x(from) - stop, cols.x(to) + stop];
        patch(bracket, { d: `M${a.toFixed(1)} ${at.net - 12}v5H${b.toFixed(1)}v-5` });
        // a name that is wider than its columns starts with them
        const wider = name.length * 6 > b - a;
        patch(text, { x: (wider ? a : (a + b) / 2).toFixed(1), y: at.net + 9, text: name, "text-anchor": wider ? "start" : "middle" });
      });
    },
  };
}

/** What each row is called and, where there is room, the shape of its tensor. */
function rowNames(words) {
  const element = svg("g", { class: "u-rows" });
  return {
    element,
    update(made, { wide, at }) {
      const shapes = Object.fromEntries(made.map(({ name, shape }) => [name, `${name} ${tuple(shape)}`]));
      const { loss, output, state, input } = words.rows;
      const rows = [
        [loss, at.loss, shapes.targets], [output, at.output, shapes.logits], [state, at.cell, shapes.h], [input, at.input, shapes.x],
        [words.step, at.step - 4],
      ];
      repeat(element, 2 * rows.length, () => svg("text", { x: 0 })).forEach((text, n) => {
        const [name, y, shape = ""] = rows[n >> 1];
        const two = wide && shape !== "";
        if (n % 2) patch(text, { y: y + 12, text: two ? shape : "", class: "shape" });
        else patch(text, { y: y + (two ? -3 : 4), text: name });
      });
    },
  };
}

function stage(tools) {
  const [wires, cells, shapes, boxes] = [wiring(), cellRow(), marks(), switches(tools)];
  const [nets, rows, code] = [networks(tools.words), rowNames(tools.words), codeLines(tools.words)];
  const drawing = svg("svg", { role: "img" }, wires.element, ...cells.elements, shapes.element, ...nets.elements, rows.element);
  function update(view) {
    const { result, width } = view;
    const place = placeFor(view, tools.settings.timesteps.most);
    const { height } = place.at;
    patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
    wires.update(result, place);
    cells.update(result, place);
    shapes.update(view, place);
    boxes.update(place);
    nets.update(result, place);
    rows.update(result.tensors, place);
    code.update(view);
  }
  return { element: html("div", {}, html("div", { class: "task" }, drawing, ...boxes.elements), ...code.elements), update };
}

// --- its name, in the formula's place

/** Steps in words: "step 5", "steps 1 to 4", "steps 1, 3 and 4"; all of more than one, "every step". */
export function inWords(words, steps, count) {
  const listed = steps.reduce((before, step, k) =>
    (k ? words.list[k === steps.length - 1 ? "last" : "next"]({ before, step }) : String(step)), "");
  return words.steps({ kind: stretch(steps, count), first: steps[0], last: steps.at(-1), listed });
}

function formula(view) {
  const { result, words } = view;
  const { name, meaning, example } = words.names[result.shape];
  const soft = (text, ...more) => sketch("div", {}, sketch("span", { class: "task-example", text }), ...more);
  const remarks = remarksOn(view);
  return [
    sketch("div", {}, ...words.named.parts({ name: sketch("b", { text: name }), meaning })),
    ...(example ? [soft(words.example, ` ${example}`)] : []),
    ...(remarks ? [soft(remarks)] : []),
  ];
}

function remarksOn({ state, result, words }) {
  const { notes } = words;
  const said = ["early", "late", "partial", "unscored", "idle"].filter((key) => result[key].length)
    .map((key) => notes[key]({ steps: inWords(words, result[key]), count: result[key].length }));
  if (result.without) said.push(notes.without({ name: words.names[result.without].name }));
  if (state.outputs.length && !state.losses.length) said.push(notes.noLoss);
  return said.join(" ");
}

const summary = ({ state, result, words }) => words.summary({
  shape: words.names[result.shape].name,
  ...Object.fromEntries(LANES.map((lane) => [lane, inWords(words, state[lane], state.timesteps)])),
});

// --- the sizes, the table, the code

function controls(tools) {
  const { change, current, words } = tools;
  // a slider that goes down and up again brings back the steps that it took away
  let source = null;
  let made = null;
  const drawn = ({ timesteps, inputs, outputs, losses }) => ({ timesteps, inputs, outputs, losses });
  const onvalue = (timesteps) => {
    const now = drawn(current());
    if (!same(now, made)) source = now;
    made = drawn(settle({ ...current(), ...resize(source, timesteps) }, {}));
    change(made);
  };
  return Object.entries(SYMBOLS).map(([name, symbol]) => {
    const part = settingControl(tools, name, { symbol, label: words.sizes[name], ...(name === "timesteps" ? { onvalue } : {}) });
    partsOf(part.element)[0].append(html("small", { text: words.captions[name] }));
    part.element.classList.add("task-size");
    return part;
  });
}

/** Every tensor by its name: its axes, its shape, and the shape that batch_first=True gives. */
function tensorTable({ table: heads, tensors: names, coder }) {
  const body = html("tbody");
  const columnHeads = [heads.tensor, heads.axes, heads.shape, "batch_first=True"].map((text) => html("th", { scope: "col", text }));
  const row = () => html("tr", {}, html("th", { scope: "row" }, html("code"), html("span")), html("td"), html("td"), html("td"));
  return {
    element: html("table", { class: "task-table" }, html("caption", { text: heads.title }), html("thead", {}, html("tr", {}, ...columnHeads)), body),
    update({ result, ghost }) {
      const before = Object.fromEntries((ghost?.tensors ?? result.tensors).map(({ name, shape }) => [name, tuple(shape)]));
      repeat(body, result.tensors.length, row).forEach((line, n) => {
        const { name, letters, shape, batchFirst } = result.tensors[n];
        const [head, axes, now, swapped] = partsOf(line);
        patch(partsOf(head)[0], { text: name });
        patch(partsOf(head).at(-1), { text: (result.reads && coder[name]) || names[name] });
        patch(axes, { text: tuple(letters) });
        patch(now, { text: tuple(shape), class: before[name] === tuple(shape) ? null : "moved" });
        patch(swapped, { text: tuple(batchFirst), class: same(shape, batchFirst) ? null : "swapped" });
      });
    },
  };
}

/** The lines that make the task, of all that PyTorch needs. */
export const essence = (code) => code.split("tensors = {")[0].split("\n").filter((line) => line && !/^(import|from) /.test(line));

/** These lines under the drawing; those that the last change has made are marked. */
function codeLines({ code: label, codeNew }) {
  const code = html("code");
  const line = () => html("span", {}, html("span"), html("i"));
  return {
    elements: [
      html("p", { class: "task-note", text: codeNew }),
      html("div", { class: "task-code", tabindex: 0, role: "region", "aria-label": label, ...KEEP_KEYS }, code),
    ],
    update({ result, ghost }) {
      const old = ghost ? new Set(ghost.code.split("\n")) : null;
      const lines = essence(result.code);
      repeat(code, lines.length, line).forEach((element, k) => {
        const [text, comment] = partsOf(element);
        const [statement, ...rest] = lines[k].split("#");
        patch(text, { text: statement });
        patch(comment, { text: `${rest.length ? `#${rest.join("#")}` : ""}\n` });
        patch(element, { "data-new": Boolean(old && !old.has(lines[k])) });
      });
    },
  };
}

function after({ words }) {
  const table = tensorTable(words);
  return {
    element: html("div", { class: "task-after" }, html("div", { class: "task-scroll", tabindex: 0, role: "region", "aria-label": words.table.title, ...KEEP_KEYS }, table.element),
      html("p", { class: "task-note", text: words.batchFirst })),
    update: table.update,
  };
}

export const code = { copyPytorch: pytorch };

export default explorer({
  cursors: [],
  kinds: { steps },
  settle,
  compute,
  stage,
  controls,
  after,
  formula,
  summary,
  code,
});
