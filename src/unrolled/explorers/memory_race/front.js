/**
 * One impulse into an RNN, an LSTM and a GRU of one unit each: what is left of it, and of the
 * gradient, by lag.
 *
 * A cell's memory is what it remembers with: h in the RNN and in the GRU, c in the LSTM.
 */

import { halfLife } from "#core/gradients.js";
import * as gru from "#core/gru.js";
import * as lstm from "#core/lstm.js";
import * as rnn from "#core/rnn.js";
import { beyondText, lagChart, lifeText, logFrame, logLimits } from "#view/chart.js";
import { signColour } from "#view/colour.js";
import { columnSlider, settingControl, settingSegments } from "#view/controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { dragGrips } from "#view/drag.js";
import { explorer } from "#view/explorer.js";
import { line } from "#view/formula.js";
import { gateLane } from "#view/gates.js";
import { brief, digitsFor, fixed, significant } from "#view/number.js";
import { pathThrough } from "#view/plane.js";
import { programs } from "#view/program.js";
import { shapeOf, within } from "#view/shape.js";
import { symbolNodes } from "#view/slider.js";
import { barLane, columns, cursorBand, signedLimit } from "#view/strip.js";

const CELLS = ["rnn", "lstm", "gru"];
const LETTERS = { rnn: "h", lstm: "c", gru: "h" };

const byCell = (make) => Object.fromEntries(CELLS.map((name) => [name, make(name)]));

/**
 * By cell: `memory`, k steps after the impulse at entry k; `signed`, the derivative of the last
 * memory by the one k steps before it, along every path; `gradient`, its size, NaN where it has
 * overflowed; `candidate` of the gated cells; and `left`, the last memory as a share of the
 * first. `exposed` is the LSTM's h; f, i, o, z and r are the gates, the same at every step.
 */
export function compute({ w_h, b_f, b_i, b_z, impulse, timesteps }) {
  const cells = {
    rnn: { W_x: [[1]], W_h: [[w_h]], b: [0], activation: "tanh" },
    lstm: { W_x: [[0], [0], [1], [0]], W_h: [[0], [0], [w_h], [0]], b: [b_i, b_f, 0, 0] },
    gru: { W_x: [[0], [0], [1]], W_h: [[0], [0], [w_h]], b: [0, b_z, 0] },
  };
  const x = Array.from({ length: timesteps }, (_, k) => [k ? 0 : impulse]);
  const last = x.map((_, k) => [Number(k === timesteps - 1)]);
  const hs = rnn.run(cells.rnn, x);
  const long = lstm.run(cells.lstm, x);
  const gated = gru.run(cells.gru, x);
  const memory = { rnn: hs.map(([h]) => h), lstm: long.map(({ c }) => c[0]), gru: gated.map(({ h }) => h[0]) };
  const back = {
    rnn: rnn.backward(cells.rnn, x, hs, [0], last).h,
    lstm: lstm.signals(cells.lstm, long, null, last).c,
    gru: gru.signals(cells.gru, gated, last).h,
  };
  const signed = byCell((name) => back[name].map(([value]) => (Number.isFinite(value) ? value : NaN)).reverse());
  const [{ f, i, o }, { z, r }] = [long[0], gated[0]];
  return {
    x: x.map(([value]) => value), memory, signed,
    gradient: byCell((name) => signed[name].map(Math.abs)),
    left: byCell((name) => memory[name].at(-1) / memory[name][0]),
    exposed: long.map(({ h }) => h[0]),
    candidate: { lstm: long.map(({ g }) => g[0]), gru: gated.map(({ n }) => n[0]) },
    f: f[0], i: i[0], o: o[0], z: z[0], r: r[0],
  };
}

/**
 * The derivative of a cell's memory at `step` (from 2) by the one before: what the gate keeps,
 * and the numbers whose product comes back through the candidate.
 */
export function factor(cell, { w_h }, { memory, candidate, f, i, o, z, r }, step) {
  const slope = (value) => 1 - value ** 2;
  if (cell === "rnn") return { kept: null, through: [w_h, slope(memory.rnn[step - 1])] };
  if (cell === "gru") return { kept: z, through: [1 - z, r, w_h, slope(candidate.gru[step - 1])] };
  return { kept: f, through: [i, w_h, o, slope(candidate.lstm[step - 1]), slope(Math.tanh(memory.lstm[step - 2]))] };
}

const product = (values) => values.reduce((all, value) => all * value, 1);

// --- the drawing

const TABLE = 100; // how high the table below the drawing is
const LANES = ["rnn", "exposed", "lstm", "gru", "input"];
const lanesOf = ({ memory, exposed, x }) => ({ ...memory, exposed, input: x });

/** The end of a lane's scale: 1, or above it 2, 5, 10 ..., or 0.1 or 0.01 where all is far below 1. */
function laneLimit(values) {
  const largest = Math.max(...values.map(Math.abs));
  return largest > 1 ? signedLimit(values) : [0.01, 0.1].find((end) => largest > 0 && largest <= end) ?? 1;
}
const limits = (result) => ({
  ...Object.fromEntries(Object.entries(lanesOf(result)).map(([name, values]) => [name, laneLimit(values)])),
  input: 2,
  chart: logLimits(Object.values(result.gradient)),
});

/** The scales that tell nothing of what comes. */
const UNTOLD = { ...Object.fromEntries(LANES.map((name) => [name, 1])), input: 2, chart: logLimits([]) };

/**
 * Where a lane begins, how high it is, and where the chart stands: below the lanes, or on a phone
 * held sideways beside them. The height follows from the width and the room alone. A phone has room
 * for the three memories; what the LSTM shows of its own, and the impulse, its sliders and formula tell.
 */
function layoutFor({ width, room }) {
  const shape = shapeOf({ width, room });
  if (shape === "wide") {
    const height = within(room, [580, 612]) - TABLE;
    return {
      shape, left: 106, right: 92, rnn: [12, 36], exposed: [68, 22], lstm: [112, 38], gru: [178, 38], input: [240, 30],
      top: 306, bottom: height - 64, foot: height - 40, time: height - 40, height,
    };
  }
  const height = within(room, shape === "short" ? [270, 330] : [372, 444]) - TABLE;
  const low = shape === "short" ? 34 : 42;
  const [foot, time] = [height - low - 8, height - low];
  const bottom = foot - 20;
  const high = shape === "short" ? Math.floor((foot - 12) / 3) - 20 : Math.max(20, Math.round(0.16 * (bottom - 88)));
  const lane = (n) => [18 + n * (high + 20), high];
  const lanes = { rnn: lane(0), lstm: lane(1), gru: lane(2) };
  const below = { shape, ...lanes, left: 40, bottom, foot, time, height };
  return shape === "short"
    ? { ...below, right: width - Math.round(width * 0.55) + 84, top: 30, chart: { left: Math.round(width * 0.55) + 44, right: 52 } }
    : { ...below, right: 84, top: 18 + 3 * (high + 20) + 20 };
}

/** Where zero stands in a lane: on its edge, where no value lies beyond that, else in the middle. */
function laneFrame([top, height], values, limit) {
  const [up, down] = [1, -1].map((sign) => values.some((value) => value * sign > limit / 1000));
  if (up && down) return { zero: top + height / 2, half: height / 2, ends: [1, 0, -1] };
  return down ? { zero: top, half: height, ends: [0, -1] } : { zero: top + height, half: height, ends: [1, 0] };
}

/** A gate's sliders, and where it stands: beside which lane, and in which place there. */
const GATES = { f: ["b_f", "lstm", 0], i: ["b_i", "lstm", 1], z: ["b_z", "gru", 0] };
const GATES_WIDTH = 76;
const gateText = (value) => fixed(value, value > 0.945 || value < 0.055 ? 3 : 2);

/** What a lane's name shows after the cell: the letter of the state, with its index. */
const STATES = { rnn: ["h", ""], exposed: ["h", ""], lstm: ["c", ""], gru: ["h", ""], input: ["x", "1"] };
const cellOf = (name) => (name === "exposed" ? "lstm" : name);

/** One memory, or the impulse: an axis of its own, bars, where they were, its name and a number. */
function raceLane(name, words) {
  const [axis, bars, dashes] = [svg("g", { class: "u-axis" }), barLane(), svg("path", { class: "u-ghost" })];
  const [letter, index] = STATES[name];
  const title = svg("text", { x: 0 }, svg("tspan", { text: `${words.lanes[name]} ` }), svg("tspan", { "font-style": "italic", text: letter }),
    svg("tspan", { "font-size": "10", dy: 3, text: index }));
  const told = svg("text", { class: "u-strong u-halo", "text-anchor": "middle" });
  function drawAxis({ zero, half, ends }, { cols, limit }) {
    repeat(axis, ends.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
      const at = zero - ends[n] * half;
      const [rule, text] = partsOf(group);
      patch(rule, { x1: cols.left, x2: cols.end, y1: at, y2: at, "stroke-dasharray": ends[n] ? "2 4" : null });
      patch(text, { x: cols.left - 8, y: at + 4, text: String(ends[n] * limit).replace("-", "−"), class: limit < 1 ? "u-strong" : "" });
    });
  }
  function drawGhost(before, values, y, { cols, limit }) {
    const moved = before?.some((value, k) => Math.abs(y(value) - y(values[k])) > 0.8);
    const shown = name === "input" ? before?.slice(0, 1) : before;
    patch(dashes, {
      d: !moved ? null : shown.length > 1
        ? pathThrough({ at: ([k, value]) => [cols.x(k), y(value)] }, shown.map((value, k) => [k, Math.abs(value) > limit ? NaN : value]))
        : `M${cols.x(0) - 11} ${y(shown[0])}h22`,
    });
  }
  /** On the side of zero where the bar is; the impulse's beside its handle. */
  function drawNumber(value, k, y, { cols, layout }) {
    const [start, height] = layout[name];
    patch(told, name === "input"
      ? { x: Math.max(cols.x(0), cols.left + 6) + 12, "text-anchor": "start", y: y(value) + (value < 0 ? 4 : 5), text: fixed(value) }
      : {
        x: Math.round(within(cols.x(k), [cols.left + 18, cols.end - 16])),
        y: Math.round(value < 0 ? Math.min(y(value) + 14, start + height + 8) : Math.max(y(value) - 5, start - 1)), text: brief(value),
      });
  }
  const elements = { axis, bars: bars.element, ghost: dashes, title, told };
  if (name !== "input") for (const one of [elements.bars, dashes, told]) one.classList.add("u-answer");
  return {
    elements,
    show: (shown) => Object.values(elements).forEach((one) => patch(one, { display: shown ? null : "none" })),
    update({ state }, { values, before, frame, ...place }) {
      const { cols, layout, limit, wide } = place;
      const { zero, half } = frame;
      const y = (value) => zero - within(value / limit, [-1, 1]) * half;
      drawAxis(frame, place);
      bars.update({ cols, zero, half, limit, values });
      drawGhost(before, values, y, place);
      const [start, height] = layout[name];
      const low = name === "input" || name === "exposed" ? 4 : -1;
      patch(title, { y: !wide ? start - 6 : start + height / 2 + low, class: state.cell === cellOf(name) ? "u-chosen" : "" });
      const k = name === "input" ? 0 : state.lag;
      drawNumber(values[k], k, y, place);
    },
  };
}

/** At the name of each cell, how its line looks. */
function lineSamples() {
  const element = svg("g", { class: "u-lines" }, ...CELLS.map((name) => svg("path", { class: `race-${name}` })));
  return {
    element,
    update({ layout, wide }) {
      partsOf(element).forEach((path, n) => {
        const [start, height] = layout[CELLS[n]];
        patch(path, { d: wide ? `M2 ${start + height / 2 + 12}h40` : `M58 ${start - 10}h30` });
      });
    },
  };
}

/** How high a gate's box is, and where it begins. */
const box = (layout, lane) => ({ height: layout[lane][1], top: layout[lane][0] });

/** The gates, filled as far as they are open, each with its letter, its value and a handle. */
function gatesPart(grips) {
  const gates = { lstm: gateLane(), gru: gateLane() };
  const names = svg("g", {}, ...Object.keys(GATES).map((name) =>
    svg("g", {}, svg("text", { class: "u-symbol", "text-anchor": "middle", "font-style": "italic", text: name }), svg("text", { "text-anchor": "middle" }))));
  const handles = svg("g", {}, ...Object.keys(GATES).map(() => svg("circle", { class: "u-handle", r: 5.5 })));
  const gatesOf = ({ f, i, z }) => ({ lstm: [f, i], gru: [z] });
  return {
    elements: [gates.lstm.element, gates.gru.element, names, handles],
    update({ result, ghost }, { cols, layout }) {
      const places = Object.fromEntries(Object.entries(gatesOf(result)).map(([name, values]) => {
        const cells = columns(cols.end + 8 + GATES_WIDTH, values.length, { left: cols.end + 8, right: 0 });
        const { height, top } = box(layout, name);
        gates[name].update({ cols: cells, y: top + height / 2, half: height / 2, values, ghost: ghost && gatesOf(ghost)[name] });
        return [name, cells];
      }));
      Object.entries(GATES).forEach(([name, [, beside, place]], n) => {
        const { height, top } = box(layout, beside);
        const x = places[beside].x(place);
        const [symbol, value] = partsOf(partsOf(names)[n]);
        // one that stands alone has its letter at its side, where no other's number is
        const alone = places[beside].count === 1;
        patch(symbol, { x: alone ? x - 24 : x, y: alone ? top + height / 2 + 4 : top - 6 });
        patch(value, { x, y: top + height + 13, text: gateText(result[name]) });
        patch(partsOf(handles)[n], { cx: x, cy: (top + height * (1 - result[name])).toFixed(1) });
        const room = Math.min(40, places[beside].pitch);
        patch(grips[n], { style: `left:${x - room / 2}px;top:${top - 4}px;width:${room}px;height:${height + 8}px` });
      });
    },
  };
}

/** The gradients by lag, each cell's line with a ring at its half-life. */
function gradientPart(words) {
  const chart = lagChart();
  const name = svg("g", {}, svg("text"), svg("text"));
  const lag = svg("text", { text: words.lag });
  return {
    elements: [chart.element, name, lag],
    update({ state, result, ghost }, { chartCols: cols, layout, scale, wide }) {
      const { top, bottom, foot } = layout;
      const past = (cell) => ghost?.gradient[cell].slice(0, state.timesteps);
      const differs = (cell) => past(cell)?.some((value, k) => Math.abs(value / result.gradient[cell][k] - 1) > 1e-6);
      chart.update({
        cols, foot, at: state.lag, frame: logFrame({ top, bottom, ...scale.chart }),
        lines: ["lstm", "gru", "rnn"].map((cell) => ({
          name: words.cells[cell], look: `race-${cell}`, values: result.gradient[cell], ghost: differs(cell) ? past(cell) : null,
          ring: halfLife(result.gradient[cell]),
        })),
      });
      const texts = wide ? [words.chart.above, words.chart.below] : [words.chart.narrow, ""];
      partsOf(name).forEach((node, n) => patch(node, { x: layout.chart ? cols.left - 38 : 0, y: wide ? (top + bottom) / 2 - 4 + 16 * n : top - 14, text: texts[n] }));
      patch(lag, { x: layout.chart ? cols.left - 38 : 0, y: foot });
    },
  };
}

/** The lanes' elements from the back to the front, and between them the lines' samples and the gates. */
function drawingOf(lanes, { band, beside, samples, gates, handle, chart }) {
  const all = (part) => LANES.map((name) => lanes[name].elements[part]);
  return svg("svg", { role: "img" }, band.element, beside.element, ...all("axis"), ...all("bars"), ...all("ghost"), samples.element, ...gates.elements, handle,
    chart.elements[0], ...all("title"), ...all("told"), ...chart.elements.slice(1));
}

/** What is taken hold of: a gate's level, or the impulse; elsewhere a column, and its cell, is chosen. */
function takeHold(field, grips, { change }, drawn) {
  let held = false; // the scales stay as they are while something is dragged
  dragGrips(field, grips, {
    choose: ([px, py]) => {
      const { cols, chartCols, layout } = drawn();
      const beside = chartCols !== cols && px > chartCols.left - 8;
      if (px > (beside ? chartCols : cols).end + 6 || py > layout.foot + 8) return;
      const over = !beside && LANES.find((name) => name !== "input" && layout[name] && py > layout[name][0] - 8 && py < layout[name][0] + layout[name][1] + 8);
      change({ lag: (beside ? chartCols : cols).at(px), ...(over ? { cell: cellOf(over) } : {}) });
    },
    hold: () => (held = true),
    release() {
      held = false;
      drawn().update(drawn().view);
    },
    move(grip, [, py]) {
      const name = grips[grip].dataset.grip;
      const { layout, impulse } = drawn();
      if (name === "impulse") {
        const value = within(((impulse.zero - py) / impulse.half) * 2, [-2, 2]);
        return change({ impulse: Math.abs(value) < 0.1 ? 0 : Math.round(value * 20) / 20 });
      }
      const [bias, beside] = GATES[name];
      const { height, top } = box(layout, beside);
      const open = within((top + height - py) / height, [0.0067, 0.9933]); // a bias from -5 to 5
      return change({ [bias]: Math.abs(open - 0.5) < 0.02 ? 0 : Math.round(Math.log(open / (1 - open)) * 100) / 100 });
    },
  });
  return () => held;
}

function stage(tools) {
  const { change, settings, words } = tools;
  const grips = [...Object.keys(GATES), "impulse"].map((name) => html("div", { class: "u-grip", "data-grip": name }));
  const lanes = Object.fromEntries(LANES.map((name) => [name, raceLane(name, words)]));
  const [samples, band, beside, gates, chart] = [lineSamples(), cursorBand(), cursorBand(), gatesPart(grips), gradientPart(words)];
  const handle = svg("circle", { class: "u-handle", r: 5.5 });
  const drawing = drawingOf(lanes, { band, beside, samples, gates, handle, chart });
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = columnSlider({ min: 0, max: settings.lag.most, label: words.lagControl, onvalue: (lag) => change({ lag }) });
  const results = table(words);
  let drawn = {};
  const held = takeHold(field, grips, tools, () => drawn);

  function drawLanes(view, place) {
    const [now, past] = [lanesOf(view.result), view.ghost && lanesOf(view.ghost)];
    for (const name of LANES) {
      lanes[name].show(Boolean(place.layout[name]));
      if (!place.layout[name]) continue;
      const values = now[name];
      const before = past?.[name].slice(0, values.length);
      const frame = laneFrame(place.layout[name], name === "input" ? [2, -2] : [...values, ...(before ?? [])], place.scale[name]);
      lanes[name].update(view, { ...place, values, before, frame, limit: place.scale[name] });
    }
  }

  /** The impulse is drawn to a scale of 2, whatever it is. */
  function drawImpulse({ cols, layout, scale }, { impulse }) {
    patch(handle, { display: layout.input ? null : "none" });
    patch(grips.at(-1), { hidden: !layout.input });
    if (!layout.input) return null;
    const { zero, half } = laneFrame(layout.input, [2, -2], scale.input);
    const tip = zero - within(impulse / 2, [-1, 1]) * half;
    patch(handle, { cx: cols.x(0), cy: tip });
    patch(grips.at(-1), { style: `left:${cols.x(0) - 20}px;top:${tip - 20}px;width:40px;height:40px` });
    return { zero, half };
  }

  function update(view) {
    const { state, result, width } = view;
    const layout = layoutFor(view);
    const wide = layout.shape === "wide";
    const cols = columns(width, state.timesteps, layout);
    const chartCols = layout.chart ? columns(width, state.timesteps, layout.chart) : cols;
    const place = { wide, layout, cols, chartCols, scale: view.asked ? UNTOLD : held() ? drawn.scale : limits(result) };
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": view.label });
    const over = { at: state.lag, top: 4, bottom: layout.foot + 8 };
    band.update({ ...over, cols });
    patch(beside.element, { display: layout.chart ? null : "none" });
    if (layout.chart) beside.update({ ...over, cols: chartCols });
    drawLanes(view, place);
    samples.update(place);
    gates.update(view, place);
    drawn = { ...place, view, update, impulse: drawImpulse(place, state) };
    chart.update(view, place);
    const last = state.timesteps - 1;
    time.update({ cols, value: state.lag, text: words.lagValue({ lag: state.lag, last }), upper: last });
    time.element.style.top = `${layout.time}px`;
    results.update(view);
  }
  return { element: html("div", {}, html("div", { class: "u-timed" }, field, time.element), results.element), update };
}

const lifeOf = (values, words) => lifeText(values, halfLife(values), words);
const leftText = (share, words) =>
  (Number.isNaN(share) ? words.nothing : share > 1 ? words.grew({ share: significant(share) }) : significant(share));

/** What came of the race, cell by cell. */
function table(words) {
  const heads = Array.from({ length: 4 }, () => html("th", { scope: "col" }));
  const rows = byCell((name) => [words.cells[name], ...Array(3).fill("")].map((text, n) => (n ? html("td", { class: "u-answer" }) : html("th", { scope: "row", text }))));
  const element = html("div", { class: "results" }, html("table", {},
    html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...CELLS.map((name) => html("tr", {}, ...rows[name])))));
  return {
    element,
    update({ state, result }) {
      const { after, left, gradient: size, life } = words.table;
      [after({ last: state.timesteps - 1 }), left, size, life].forEach((text, n) => patch(heads[n], { text }));
      for (const name of CELLS) {
        const gradient = result.gradient[name];
        [leftText(result.left[name], words), significant(gradient.at(-1)), lifeOf(gradient, words)]
          .forEach((text, n) => patch(rows[name][n + 1], { text }));
      }
    },
  };
}

// --- the formula, the sliders, the words

/** `value` with its digits that count; no zeros at its end beyond the second decimal. */
const digits = (value, count) => significant(Number(value.toPrecision(count)), count).replace(/^(−?\d+\.\d\d\d*?)0+$/, "$1");
const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);

/** One equation in numbers: `write` puts operand k, marked as the drawing shows it, into the line. */
function numbers(operands, evaluate, value, write) {
  const { digits: count, exact } = digitsFor(operands, evaluate, value);
  const plain = (k) => bracketed(digits(operands[k], count));
  const marked = (colour) => (k) => sketch("u", { style: `text-decoration-color:${colour(operands[k])}`, text: plain(k) });
  return [
    ["= ", ...write({ plain, state: marked(signColour), gate: marked(() => "var(--unrolled-gate)") })],
    [exact ? "= " : "≈ ", sketch("b", { text: significant(value) })],
  ];
}

const partial = (letter, above, below) =>
  sketch("span", { class: "u-tight" }, "∂", ...symbolNodes(`${letter}_${above}`), "/∂", ...symbolNodes(`${letter}_${below}`));
const power = (letter, exponent) => sketch("span", { class: "u-tight" }, sketch("i", { text: letter }), sketch("sup", { text: String(exponent) }));

const letter = (text) => sketch("i", { text });
const raised = (exponent) => sketch("sup", { text: String(exponent) });
const slope = (name, at) => ["(1 − ", ...symbolNodes(`${name}_${at}`), raised(2), ")"];
const slopeOfTanh = (name, at) => ["(1 − ", "tanh² ", ...symbolNodes(`${name}_${at}`), ")"];

/** The chosen cell's step: its memory from the one before and the candidate. */
function forward({ state, result, words }) {
  const { cell, w_h, lag } = state;
  const { memory, candidate, f, i, z } = result;
  const step = lag + 1;
  const past = lag ? memory[cell][lag - 1] : 0;
  const [now, before] = [symbolNodes(`${LETTERS[cell]}_${step}`), symbolNodes(`${LETTERS[cell]}_${lag}`)];
  const value = memory[cell][lag];
  const sum = (...scales) => ["tanh(", ...symbolNodes(`x_${step}`), " + ", ...scales.flatMap((one) => [...symbolNodes(one), " "]), ...symbolNodes(`h_${lag}`), ")"];
  const name = words.rows.step({ step });
  if (cell === "rnn") {
    return line(name, [...now, " = ", ...sum("w_h")],
      ...numbers([result.x[lag], w_h, past], ([x, w, h]) => Math.tanh(x + w * h), value,
        ({ plain, state: shown }) => ["tanh(", shown(0), " + ", plain(1), " × ", shown(2), ")"]));
  }
  const [keeps, lets, symbols] = cell === "lstm"
    ? [f, i, [letter("f"), " ", ...before, " + ", letter("i"), " ", ...sum("w_h")]]
    : [z, 1 - z, [letter("z"), " ", ...before, " + (1 − ", letter("z"), ") ", ...sum("r", "w_h")]];
  return line(name, [...now, " = ", ...symbols],
    ...numbers([keeps, past, lets, candidate[cell][lag]], ([p, q, r, s]) => p * q + r * s, value,
      ({ plain, state: shown, gate }) => [gate(0), " × ", shown(1), " + ", gate(2), " × ", plain(3)]));
}

/** What the LSTM shows of its cell state. */
const exposedLine = ({ state, result, words }) => line(
  words.rows.exposed, [...symbolNodes(`h_${state.lag + 1}`), " = ", letter("o"), " tanh ", ...symbolNodes(`c_${state.lag + 1}`)],
  ...numbers([result.o, result.memory.lstm[state.lag]], ([o, c]) => o * Math.tanh(c), result.exposed[state.lag],
    ({ state: shown, gate }) => [gate(0), " × tanh ", shown(1)]));

/** The factor that the chosen lag adds, of the step `step`. */
function factorLine({ state, words }, step, { kept, through }, whole) {
  const symbols = {
    rnn: [...symbolNodes("w_h"), " ", ...slope("h", step)],
    lstm: [letter("f"), " + ", letter("i"), " ", ...symbolNodes("w_h"), " ", letter("o"), " ", ...slope("g", step), " ", ...slopeOfTanh("c", step - 1)],
    gru: [letter("z"), " + (1 − ", letter("z"), ") ", letter("r"), " ", ...symbolNodes("w_h"), " ", ...slope("n", step)],
  }[state.cell];
  const offset = kept === null ? 0 : 1;
  return line(words.rows.factor, [partial(LETTERS[state.cell], step, step - 1), " = ", ...symbols],
    ...numbers(offset ? [kept, ...through] : through, (all) => (offset ? all[0] : 0) + product(all.slice(offset)), whole, ({ plain, gate }) => [
      ...(offset ? [gate(0), " + "] : []), ...through.flatMap((_, n) => [n ? " × " : "", plain(n + offset)])]));
}

/** The gradient over the chosen lag: over the one before, times the factor. */
function lagLine({ state, result, words }, step, whole) {
  const { cell, lag, timesteps: T } = state;
  const signed = result.signed[cell];
  const [name, own] = [words.atLag({ lag }), partial(LETTERS[cell], T, T - lag)];
  if (!Number.isFinite(signed[lag])) return line(name, [own], ["= ", sketch("b", { text: significant(NaN) })]);
  return line(name, [own, " = ", partial(LETTERS[cell], T, step), " ", partial(LETTERS[cell], step, step - 1)],
    ...numbers([signed[lag - 1], whole], ([one, other]) => one * other, signed[lag], ({ plain }) => [plain(0), " × ", plain(1)]));
}

/** What the gate alone would keep over the chosen lag. */
function gateLine({ state: { cell, lag }, words }, kept) {
  const { digits: count, exact } = digitsFor([kept], ([one]) => one ** lag, kept ** lag);
  const value = sketch("u", { style: "text-decoration-color:var(--unrolled-gate)", text: digits(kept, count) });
  return line(words.rows.gate, [power(cell === "lstm" ? "f" : "z", lag)], ["= ", sketch("span", { class: "u-tight" }, value, raised(lag))],
    [exact ? "= " : "≈ ", sketch("b", { text: significant(kept ** lag) })]);
}

function formula(view) {
  const { state, result, words } = view;
  const { cell, lag, timesteps: T } = state;
  const lines = [forward(view), ...(cell === "lstm" ? [exposedLine(view)] : [])];
  if (lag === 0) {
    const itself = ["= ", sketch("b", { text: "1" }), `, ${words.itself}`];
    return [...lines, line(words.atLag({ lag }), [partial(LETTERS[cell], T, T)], itself)];
  }
  const step = T - lag + 1; // the one that this lag adds
  const own = factor(cell, state, result, step);
  const whole = (own.kept ?? 0) + product(own.through);
  return [
    ...lines, factorLine(view, step, own, whole), lagLine(view, step, whole), ...(own.kept === null ? [] : [gateLine(view, own.kept)]),
  ];
}

const controls = (tools) => ["w_h", "b_f", "impulse", "b_i", "timesteps", "b_z"].map((name) => {
  const { words } = tools;
  if (name === "timesteps") return settingControl(tools, name, { symbol: words.lengthLabel, label: words.lengthControl });
  return settingControl(tools, name, { symbol: name === "impulse" ? "x_1" : name, label: words.controls[name] });
});

function summary({ state, result, words }) {
  const told = (name) => words.outcome({
    cell: words.cells[name], left: leftText(result.left[name], words), gradient: significant(result.gradient[name].at(-1)),
    life: lifeOf(result.gradient[name], words),
  });
  const [f, i, z] = ["f", "i", "z"].map((gate) => gateText(result[gate]));
  return words.summary({ last: state.timesteps - 1, rnn: told("rnn"), lstm: told("lstm"), gru: told("gru"), f, i, z });
}

function status({ state, result, words }) {
  const said = [];
  if (state.impulse === 0) said.push(words.noImpulse);
  for (const name of CELLS) {
    const gradient = result.gradient[name];
    const cell = words.cells[name];
    const lost = gradient.findIndex(Number.isNaN);
    if (lost >= 0) said.push(words.overflow({ cell, lag: lost }));
    const gone = gradient.indexOf(0);
    if (gone < 0) continue;
    const { kept, through } = factor(name, state, result, state.timesteps - gone + 1);
    const cut = (kept ?? 0) + product(through) === 0;
    said.push((cut ? words.cut : words.underflow)({ cell, lag: gone }));
  }
  said.push(...beyondText(limits(result).chart, Object.values(result.gradient), words));
  return said.join(" ") || null;
}

// --- the same numbers in Python

export const code = programs(({ timesteps }, words) => ({ timesteps: String(timesteps), comment: words.comment({ timesteps }) }));

/** What was computed, by the names that the face has for it. */
export const names = (state, { memory, left, gradient }) => ({ memories: memory, left, gradients: gradient });

export default explorer({
  cursors: ["lag", "cell"],
  settle: (state) => ({ ...state, lag: Math.min(state.lag, state.timesteps - 1) }),
  compute, names,
  stage,
  controls,
  choice: (tools) => settingSegments(tools, "cell", tools.words.whichCell, tools.words.cells),
  formula,
  status,
  summary,
  code,
});
