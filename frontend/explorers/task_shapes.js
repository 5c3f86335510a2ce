/**
 * Which steps get an input, which outputs are read, where a loss sits: five kinds of
 * task from one network (src/unrolled/explorers/task_shapes.py is its face in Python).
 */

import { inWords, pattern, pytorch, read, resize, SHAPES, span, tensors, tuple } from "../core/task_shapes.js";
import { html, patch, repeat, svg } from "../view/dom.js";
import { explorer } from "../view/explorer.js";
import { integer, same } from "../view/parameters.js";
import { KEEP_KEYS, slider, symbolNodes } from "../view/slider.js";
import { arrowPath, columns, symbolText } from "../view/strip.js";
import { taskShapes as words } from "../view/words.js";

const MOST_STEPS = 8;
const LANES = ["inputs", "outputs", "losses"];
const steps = (name) => ({
  name,
  valid: (value) => Array.isArray(value) && value.every((step, k) =>
    Number.isInteger(step) && step >= 1 && step <= MOST_STEPS && (k === 0 || step > value[k - 1])),
  parse: (text) => (text.trim() === "" ? [] : text.split(",").map(Number)),
  format: (value) => value.join(","),
});
const size = (name, min = 1) => integer(name, { min, max: 16 });

const presets = Object.fromEntries(SHAPES.map((shape) => [shape, pattern(shape, shape === "one-to-one" ? 1 : 6)]));
const initial = { ...presets["many-to-one"], batch_size: 4, features: 3, hidden_size: 6, classes: 2 };

/** A loss needs its output to be read: whichever was just set stands. */
function settle(state, { losses, outputs }) {
  const inside = (list) => list.filter((step) => step <= state.timesteps);
  const scored = inside(state.losses);
  const shown = losses && !outputs ? span(1, state.timesteps).filter((step) => [...state.outputs, ...scored].includes(step))
    : inside(state.outputs);
  return { ...state, inputs: inside(state.inputs), outputs: shown, losses: scored.filter((step) => shown.includes(step)) };
}

const compute = (state) => ({ ...read(state), state, tensors: tensors(state), code: pytorch(state) });

// --- the drawing

const WIDE = { left: 116, pitch: 96, loss: 24, output: 78, cell: 140, input: 204, step: 242, net: 262, height: 282, mark: 26, cellWidth: 42 };
const NARROW = { ...WIDE, left: 44, pitch: 72, mark: 24, cellWidth: 34 };

function stage({ change, current }) {
  const wires = svg("g", { class: "u-wires" });
  const cells = svg("g", { class: "u-task-cells" });
  const first = svg("circle", { class: "u-task-first" });
  const marks = svg("g", { class: "u-task-marks" });
  const ticks = svg("g", { class: "u-ticks" });
  const nets = svg("g", { class: "u-task-nets" });
  const rows = svg("g", { class: "u-rows" });
  const drawing = svg("svg", { role: "img" }, wires, first, cells, marks, ticks, nets, rows);
  const lanes = LANES.map((lane) => html("div", { role: "group", "aria-label": words.lanes[lane] }));
  const element = html("div", { class: "u-task" }, drawing, ...lanes);

  const toggle = (lane, step) => {
    const now = current()[lane];
    const next = now.includes(step) ? now.filter((one) => one !== step) : [...now, step].sort((a, b) => a - b);
    change({ [lane]: next });
  };

  function update(view) {
    const { state, result, ghost, width } = view;
    const wide = width >= 560;
    const at = wide ? WIDE : NARROW;
    const T = state.timesteps;
    const cols = columns(Math.min(width, at.left + T * at.pitch + 4), T, { left: at.left });
    const mark = Math.min(at.mark, cols.pitch - 9);
    const cellWidth = Math.min(at.cellWidth, cols.pitch - 8);
    const has = Object.fromEntries(LANES.map((lane) => [lane, span(1, T).map((step) => state[lane].includes(step))]));
    patch(drawing, { width, height: at.height, viewBox: `0 0 ${width} ${at.height}`, "aria-label": summary(view) });

    // wires: from the state before, from the input, to what is read, to the loss
    const stop = cellWidth / 2;
    const place = { inputs: at.input, outputs: at.output, losses: at.loss };
    repeat(wires, T, () => svg("g", {}, svg("path"), svg("path"), svg("path"), svg("path"))).forEach((group, k) => {
      const [across, up, out, scored] = group.childNodes;
      const x = cols.x(k).toFixed(1);
      const used = result.used[k];
      const from = k === 0 ? cols.x(0) - Math.min(cols.pitch / 2, stop + 18) + 5 : cols.x(k - 1) + stop + 1;
      patch(across, { d: arrowPath(from, cols.x(k) - stop - 1.5, at.cell), class: used ? "u-live" : "u-dotted" });
      patch(up, {
        d: upArrow(x, at.input - mark / 2 - 2, at.cell + 17), class: has.inputs[k] ? (used ? "u-live" : "") : "u-dotted",
      });
      patch(out, { d: has.outputs[k] ? upArrow(x, at.cell - 16, at.output + mark / 2 + 2) : null, class: "u-live" });
      patch(scored, { d: has.losses[k] ? upArrow(x, at.output - mark / 2 - 2, at.loss + mark / 2 + 2) : null, class: "u-live" });
    });
    patch(first, { cx: (cols.x(0) - Math.min(cols.pitch / 2, stop + 18)).toFixed(1), cy: at.cell, r: 4 });

    repeat(cells, T, (k) => svg("g", {}, svg("rect", { rx: 11 }), svg("rect", { rx: 8 }), symbolText("h", String(k + 1)))).forEach((group, k) => {
      const [outer, inner, text] = group.childNodes;
      const box = (inset) => ({
        x: (cols.x(k) - stop + inset).toFixed(1), y: at.cell - 15 + inset, width: cellWidth - 2 * inset, height: 30 - 2 * inset,
      });
      patch(group, { class: result.used[k] ? "u-used" : null });
      patch(outer, box(0));
      patch(inner, { ...box(3), visibility: result.reads && k >= result.reads ? "visible" : "hidden" });
      patch(text, { x: cols.x(k).toFixed(1), y: at.cell + 4 });
    });

    // the marks that the reader switches; on each lies a checkbox of a finger's size
    repeat(marks, 3 * T, (n) => markNode(LANES[n % 3], (n - (n % 3)) / 3 + 1)).forEach((group, n) => {
      const [lane, k] = [LANES[n % 3], (n - (n % 3)) / 3];
      const [was, shape, text] = group.childNodes;
      const on = has[lane][k];
      const [x, y, half] = [cols.x(k), place[lane], mark / 2];
      patch(group, { class: on ? "u-on" : null });
      patch(shape, { d: outline(lane, x, y, half) });
      patch(text, { x: x.toFixed(1), y: y + 4, visibility: on || lane === "inputs" ? "visible" : "hidden" });
      const [symbol, number] = text.childNodes;
      patch(symbol, { "font-style": on ? "italic" : "normal", text: on ? { inputs: "x", outputs: "y", losses: "L" }[lane] : "0" });
      patch(number, { text: on ? String(k + 1) : "" });
      const before = ghost && k < ghost.state.timesteps && ghost.state[lane].includes(k + 1);
      patch(was, { d: ghost && before !== on ? outline(lane, x, y, half + 3) : null });
    });
    const reach = Math.min(48, cols.pitch);
    lanes.forEach((group, n) => {
      const lane = LANES[n];
      repeat(group, T, (k) => html("input", {
        type: "checkbox", "aria-label": words.toggles[lane](k + 1), "data-lane": lane, ...KEEP_KEYS, onchange: () => toggle(lane, k + 1),
      })).forEach((box, k) => {
        box.checked = has[lane][k];
        patch(box, {
          style: `left:${(cols.x(k) - reach / 2).toFixed(1)}px;top:${place[lane] - 21}px;width:${reach.toFixed(1)}px;height:42px`,
        });
      });
    });

    repeat(ticks, T, (k) => svg("text", { "text-anchor": "middle", text: String(k + 1) })).forEach((text, k) => {
      patch(text, { x: cols.x(k).toFixed(1), y: at.step });
    });
    const E = result.reads;
    const names = wide ? words.networks : words.networksShort;
    const parts = E ? [[0, E - 1, names.encoder], [E, T - 1, names.decoder]] : [[0, T - 1, T === 1 ? names.single : names.one]];
    repeat(nets, parts.length, () => svg("g", {}, svg("path"), svg("text", { "text-anchor": "middle" }))).forEach((group, n) => {
      const [bracket, text] = group.childNodes;
      const [from, to, name] = parts[n];
      const [a, b] = [cols.x(from) - stop, cols.x(to) + stop];
      patch(bracket, { d: `M${a.toFixed(1)} ${at.net - 12}v5H${b.toFixed(1)}v-5` });
      // a name that is wider than its columns starts with them
      const wider = name.length * 6 > b - a;
      patch(text, { x: (wider ? a : (a + b) / 2).toFixed(1), y: at.net + 9, text: name, "text-anchor": wider ? "start" : "middle" });
    });
    const shapes = Object.fromEntries(result.tensors.map(({ name, shape }) => [name, `${name} ${tuple(shape)}`]));
    const captions = [
      [words.rows.loss, at.loss, shapes.targets], [words.rows.output, at.output, shapes.logits], [words.rows.state, at.cell, shapes.h],
      [words.rows.input, at.input, shapes.x], [words.rows.step, at.step - 4],
    ];
    repeat(rows, 2 * captions.length, () => svg("text", { x: 0 })).forEach((text, n) => {
      const [name, y, shape = ""] = captions[n >> 1];
      const two = wide && shape !== "";
      if (n % 2) patch(text, { y: y + 12, text: two ? shape : "", class: "u-task-shape" });
      else patch(text, { y: y + (two ? -3 : 4), text: name });
    });
  }
  return { element, update };
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

const upArrow = (x, from, to) => `M${x} ${from}V${to}${from - to > 12 ? "m-3.5 4.5l3.5 -4.5l3.5 4.5" : ""}`;

function markNode(lane) {
  const text = symbolText("", "");
  return svg("g", { "data-lane": lane }, svg("path", { class: "u-ghost" }), svg("path", { class: "u-mark" }), text);
}

// --- its name, in the formula's place

function formula({ result }) {
  const [name, meaning, example] = words.names[result.shape];
  return [
    html("b", { text: name }), `: ${meaning}`,
    ...(example ? [html("div", {}, html("span", { class: "u-task-example", text: words.example }), ` ${example}`)] : []),
  ];
}

function status({ state, result }) {
  const { notes } = words;
  const said = ["early", "late", "partial", "unscored", "idle"].filter((key) => result[key].length)
    .map((key) => notes[key](inWords(result[key]), result[key].length === 1));
  if (result.without) said.push(notes.without(words.names[result.without][0]));
  if (state.outputs.length && !state.losses.length) said.push(notes.noLoss);
  return said.join(" ") || null;
}

const summary = ({ state, result }) => {
  const where = (list) => (list.length ? inWords(list, state.timesteps) : words.nowhere);
  return words.summary(words.names[result.shape][0], where(state.inputs), where(state.outputs), where(state.losses));
};

// --- the sizes, the table, the code

function controls({ change, current, say }) {
  // a slider that goes down and up again brings back the steps that it took away
  let source = null;
  let made = null;
  const drawn = ({ timesteps, inputs, outputs, losses }) => ({ timesteps, inputs, outputs, losses });
  const set = (name, value) => {
    if (name !== "timesteps") return change({ [name]: value });
    const now = drawn(current());
    if (!same(now, made)) source = now;
    made = drawn(settle({ ...current(), ...resize(source, value) }, {}));
    return change(made);
  };
  return Object.entries(words.sizes).map(([name, [symbol, label]]) => {
    const part = slider({
      symbol, label, min: name === "classes" ? 2 : 1, max: name === "timesteps" ? MOST_STEPS : 16, step: 1, whole: true,
      onerror: say, onvalue: (value) => set(name, value),
    });
    part.element.firstChild.replaceChildren(...captionNodes(words.captions[name]));
    part.element.classList.add("u-task-size");
    return { element: part.element, update: ({ state }) => part.update(state[name]) };
  });
}

/** "T steps" as an italic letter and a word. */
function captionNodes(caption) {
  const [letter, word] = caption.split(" ");
  return [...symbolNodes(letter), html("small", { text: word })];
}

function after() {
  const body = html("tbody");
  const { table: heads } = words;
  const table = html(
    "table", { class: "u-task-table" },
    html("caption", { text: heads.title }),
    html("thead", {}, html("tr", {}, ...["tensor", "axes", "shape", "batchFirst"].map((key) => html("th", { scope: "col", text: heads[key] })))),
    body,
  );
  const code = html("code");
  const element = html(
    "div", { class: "u-task-after" }, table,
    html("p", { class: "u-task-note", text: words.batchFirst }),
    html("p", { class: "u-task-head", text: words.code }),
    html("pre", { class: "u-task-code", tabindex: 0, role: "region", "aria-label": words.code, ...KEEP_KEYS }, code),
    html("p", { class: "u-task-note", text: words.codeNew }),
  );
  const row = () => html("tr", {}, html("th", { scope: "row" }, html("code"), html("span")), html("td"), html("td"), html("td"));

  function update({ result, ghost }) {
    const before = Object.fromEntries((ghost?.tensors ?? result.tensors).map(({ name, shape }) => [name, tuple(shape)]));
    repeat(body, result.tensors.length, row).forEach((line, n) => {
      const { name, letters, shape, batchFirst } = result.tensors[n];
      const [head, axes, now, swapped] = line.childNodes;
      patch(head.firstChild, { text: name });
      patch(head.lastChild, { text: (result.reads && words.coder[name]) || words.tensors[name] });
      patch(axes, { text: tuple(letters) });
      patch(now, { text: tuple(shape), class: before[name] === tuple(shape) ? null : "u-changed" });
      patch(swapped, { text: tuple(batchFirst), class: same(shape, batchFirst) ? null : "u-swapped" });
    });
    const old = ghost ? new Set(ghost.code.split("\n")) : null;
    const lines = result.code.trimEnd().split("\n");
    repeat(code, lines.length, () => html("span", {}, html("span"), html("i"))).forEach((line, k) => {
      const [text, comment] = line.childNodes;
      const [statement, ...rest] = lines[k].split("#");
      patch(text, { text: statement });
      patch(comment, { text: `${rest.length ? `#${rest.join("#")}` : ""}\n` });
      patch(line, { "data-new": Boolean(old && !old.has(lines[k])) });
    });
  }
  return { element, update };
}

export default explorer({
  words,
  parameters: [
    integer("timesteps", { min: 1, max: MOST_STEPS }),
    ...LANES.map(steps),
    size("batch_size"), size("features"), size("hidden_size"), size("classes", 2),
  ],
  initial,
  settle,
  presets,
  compute,
  stage,
  controls,
  after,
  formula,
  status,
  summary,
  code: { copyPytorch: pytorch },
});
