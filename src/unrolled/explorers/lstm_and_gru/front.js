/**
 * An LSTM and a GRU of one unit each on one input of 2 to 40 steps, their states aligned: what
 * can one cell do that the other cannot? The front end of its room.
 *
 * Two of the LSTM's freedoms can be taken away, one by one: that i is a gate of its own, and
 * that o can hide the cell state.
 */

import { stacked } from "#core/gates.js";
import * as gru from "#core/gru.js";
import * as lstm from "#core/lstm.js";
import { inputControl, itemControl, lengthControl, named, note, settingSegments, together, told, turns } from "#view/controls.js";
import { patch, svg } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { line, strong, sumLine } from "#view/formula.js";
import {
  end, gatedStage, gateLine, overBand, overBar, settle, valuesOf,
} from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "#view/gates.js";
import { fixed } from "#view/number.js";
import { programs } from "#view/program.js";
import { symbols } from "#view/slider.js";
import { barLane } from "#view/strip.js";

const GATES = ["f", "i", "g", "o", "z", "r", "n"];
const OPEN = [0, 0, 40]; // sigmoid(40) is 1 in 64-bit numbers


const isTied = ({ merge }) => merge === "i" || merge === "both";
const isShown = ({ merge }) => merge === "o" || merge === "both";

/**
 * The weights as the cells run: the reader's, but for what the LSTM has given up.
 * 1 - sigmoid(a) is sigmoid(-a), so i = 1 - f is a matter of its weights.
 */
const weights = (state) => ({
  ...state,
  ...(isTied(state) ? { i: state.f.map((weight) => -weight) } : {}),
  ...(isShown(state) ? { o: OPEN } : {}),
});

/**
 * Every gate and state of both cells by name, a list of T numbers each: of the `lstm` i, f, g, o,
 * c and h, of the `gru` r, z, n, h and `open`, which is 1 - z. In both, `kept` is what the valve
 * leaves of the last state, and `written` is what is added to it. `seen` is what the GRU's
 * candidate sees of the last state: r times its weighted value. Sums that are too large for
 * 64-bit numbers open or shut a gate, so every number is finite, and |c| at most T.
 */
export function compute(state) {
  const own = weights(state);
  const x = state.x.map((value) => [value]);
  const long = lstm.run(stacked(lstm.GATES.map((gate) => own[gate])), x);
  const gated = gru.run(stacked(gru.GATES.map((gate) => own[gate])), x);
  const byName = (steps, names) => Object.fromEntries(names.map((name) => [name, steps.map((one) => one[name][0])]));
  return {
    lstm: {
      ...byName(long, [...lstm.GATES, "c", "h"]),
      kept: long.map(({ f, from }) => f[0] * from.c[0]),
      written: long.map(({ i, g }) => i[0] * g[0]),
    },
    gru: {
      ...byName(gated, [...gru.GATES, "h"]),
      open: gated.map(({ z }) => 1 - z[0]),
      kept: gated.map(({ z, from }) => z[0] * from.h[0]),
      written: gated.map(({ z, n }) => (1 - z[0]) * n[0]),
      seen: gated.map(({ r, from }) => r[0] * own.n[1] * from.h[0]),
    },
  };
}

/** The cell that a gate belongs to. */
const cellOf = (gate) => (lstm.GATES.includes(gate) ? "lstm" : "gru");

// --- the drawing

// from the top: the LSTM's lanes, the GRU's name and its lanes, and the input of both
const HALVES = { h: 22, o: 10, c: 33, i: 10, g: 13, gru: 8, state: 33, open: 10, n: 13, r: 10, x: 24 };

/** The lanes' names, by what they are called in the words; the row each stands in, how far from its middle, and its letter. */
const NAMES = [
  ["shown", "h", 0, "h"], ["o", "o"], ["c", "c", -16], ["f", "c", 16], ["i", "i"], ["g", "g"],
  ["state", "state", -16, "h"], ["z", "state", 16], ["open", "open", 0, "1 − z"], ["n", "n"], ["r", "r"], ["x", "x"],
];

const elementsOf = (...lanes) => lanes.flatMap(Object.values).map(({ element }) => element);

/** The LSTM's lanes; the flows go up through the taps into its band, and out of it. */
function lstmLanes() {
  const [axis, band, valve] = [bandAxis(), bandLane(), gateLane({ valve: true })];
  const flows = { g: flowLane(), i: flowLane(), c: flowLane(), o: flowLane() };
  const taps = { i: gateLane(), o: gateLane() };
  const bars = { h: barLane(), g: barLane() };
  return {
    elements: elementsOf({ axis }, flows, { band, valve }, taps, bars),
    update({ state, result: { lstm: now }, ghost }, { cols, wide, rows }, limit) {
      const { g, c, h, kept, written } = now;
      const of = (name) => ({ cols, values: now[name], ghost: ghost?.lstm[name] });
      axis.update({ cols, ...rows.c, text: wide ? `|c| = ${limit}` : String(limit) });
      flows.g.update({ cols, from: end("above", rows.g, g), to: end("under", rows.i), values: g });
      flows.i.update({ cols, from: end("over", rows.i), to: end("outside", rows.c, c, limit), values: written });
      flows.c.update({ cols, from: end("inside", rows.c, c, limit), to: end("under", rows.o), values: c.map(Math.tanh) });
      flows.o.update({ cols, from: end("over", rows.o), to: end("below", rows.h, h), values: h });
      band.update({ ...of("c"), ...rows.c, limit, kept });
      valve.update({ ...of("f"), ...rows.c });
      taps.i.update({ ...of("i"), ...rows.i, held: isTied(state) });
      taps.o.update({ ...of("o"), ...rows.o, held: isShown(state) });
      for (const [name, lane] of Object.entries(bars)) lane.update({ ...of(name), zero: rows[name].y, half: rows[name].half, limit: 1 });
    },
  };
}

/** The GRU's lanes: what it stores is what it shows. */
function gruLanes() {
  const [axis, band, valve, bars] = [bandAxis(), bandLane(), gateLane({ valve: true }), barLane()];
  const flows = { r: flowLane(), n: flowLane(), open: flowLane() };
  const taps = { open: gateLane(), r: gateLane() };
  return {
    elements: elementsOf({ axis }, flows, { band, valve }, taps, { bars }),
    update({ state, result: { gru: now }, ghost }, { cols, wide, rows }, limit) {
      const { n, h, kept, written, seen } = now;
      const of = (name) => ({ cols, values: now[name], ghost: ghost?.gru[name] });
      axis.update({ cols, y: rows.state.y, half: rows.state.half / limit, text: wide ? "|h| = 1" : "1" });
      flows.r.update({ cols, from: end("over", rows.r), to: end("below", rows.n, n), values: seen, limit: Math.max(1, Math.abs(state.n[1])) });
      flows.n.update({ cols, from: end("above", rows.n, n), to: end("under", rows.open), values: n });
      flows.open.update({ cols, from: end("over", rows.open), to: end("outside", rows.state, h, limit), values: written });
      band.update({ ...of("h"), ...rows.state, limit, kept });
      valve.update({ ...of("z"), y: rows.state.y, half: rows.state.half / limit });
      for (const [gate, tap] of Object.entries(taps)) tap.update({ ...of(gate), ...rows[gate] });
      bars.update({ ...of("n"), zero: rows.n.y, half: rows.n.half, limit: 1 });
    },
  };
}

function stage(tools) {
  const { cells } = tools.words;
  const [upper, lower] = [lstmLanes(), gruLanes()];
  const rule = svg("path", { class: "u-line" });
  const titles = [svg("text", { x: 0, y: 13, class: "u-strong", text: cells.lstm }), svg("text", { x: 0, class: "u-strong", text: cells.gru })];

  function draw(view, place) {
    const { state, result: { lstm: { c, h }, gru: { h: gated } }, width } = view;
    const { at, rows, gap, names } = place;
    const limit = bandLimit(c); // of both bands: the GRU's never leaves its two lines
    patch(rule, { d: `M0 ${Math.round(rows.gru.y - rows.gru.half - gap / 2)}H${width}` });
    patch(titles[1], { y: rows.gru.y + 5 });
    upper.update(view, place, limit);
    lower.update(view, place, limit);
    return {
      zeros: [rows.h.y, rows.g.y, rows.n.y],
      numbers: [overBar(rows.h, h[at]), overBand(rows.c, c[at], limit, gap), overBand(rows.state, gated[at], limit, gap)],
      names: NAMES.map(([key, row, off = 0, letter = key]) => ({
        letter, y: rows[row].y + off, text: names[key], chosen: key === state.gate,
      })),
    };
  }

  return gatedStage(tools, {
    halves: HALVES, top: 32, left: 118, draw,
    gates: { o: "o", c: "f", i: "i", g: "g", state: "z", open: "z", n: "n", r: "r" },
    lanes: [rule, ...upper.elements, ...lower.elements, ...titles],
  });
}

// --- the formula

/** The chosen gate, as it is computed or what the LSTM has instead. */
function chosenLine({ state, result, words }) {
  const { gate, step: n } = state;
  const own = result[cellOf(gate)];
  if (gate === "i" && isTied(state)) return sumLine(words.lines.gate, `i_${n} = 1 − f_${n}`, valuesOf(state, own));
  if (gate === "o" && isShown(state)) return line(words.lines.gate, [...symbols(`o_${n} = `), strong("1")]);
  // in the GRU's candidate, r multiplies what comes from the old state
  return gateLine({ state, words }, own,
    `${gate === "g" || gate === "n" ? "tanh" : "σ"}(w_x${gate} × x_t + ${gate === "n" ? "r_t × " : ""}w_h${gate} × h_s + b_${gate})`);
}

function formula(view) {
  const { state, result, words } = view;
  const n = state.step;
  const long = valuesOf(state, result.lstm);
  return [
    sumLine(words.cells.lstm, `c_${n} = f_${n} × c_${n - 1} + i_${n} × g_${n}`, long),
    sumLine(words.cells.lstm, `h_${n} = o_${n} × tanh c_${n}`, long),
    sumLine(words.cells.gru, `h_${n} = z_${n} × h_${n - 1} + (1 − z_${n}) × n_${n}`, valuesOf(state, result.gru)),
    chosenLine(view),
  ];
}

// --- the controls

/** What the LSTM gives up, and which gate's formula is shown. */
function panel(tools) {
  const { words } = tools;
  const { none, both } = words.merges;
  const { meanings, tied, opened } = words;
  const meaning = (state) => {
    if (state.gate === "i" && isTied(state)) return tied;
    return state.gate === "o" && isShown(state) ? opened : meanings[state.gate];
  };
  return together("u-panel",
    named(words.merge, settingSegments(tools, "merge", words.merge, { none, i: "i = 1 − f", o: "o = 1", both })),
    settingSegments(tools, "gate", words.whichGate, Object.fromEntries(GATES.map((one) => [one, one]))),
    told([...Object.values(meanings), tied, opened], meaning));
}

function controls(tools) {
  const { words } = tools;
  const bias = (gate) => itemControl(tools, () => [gate, 2], () => ({ symbol: `b_${gate}`, label: words.weights.b_({ name: words.biases[gate], gate }) }));
  /** A gate's bias or, where it is not the gate's own any more, why. */
  const orWhy = (gate, given, why) => turns((state) => Number(given(state)), bias(gate), note(why));
  return [
    panel(tools),
    together("unit", note(words.own.lstm), bias("f"), orWhy("i", isTied, words.tied), orWhy("o", isShown, words.opened)),
    together("unit", note(words.own.gru), bias("z"), bias("r"), note(words.none)),
    inputControl(tools),
    lengthControl(tools),
  ];
}

function summary({ state, result, words }) {
  const k = state.step - 1;
  return words.summary({ step: state.step, c: fixed(result.lstm.c[k]), h: fixed(result.lstm.h[k]), gru: fixed(result.gru.h[k]) });
}

// --- the same numbers in Python

/** PyTorch's LSTM gives nothing up: its weights do; a loop says what it has instead. */
export const code = programs((state, words, torch) => ({
  comment: words.comment({ timesteps: state.x.length }),
  ...words.code, ...(torch && weights(state)), tied: isTied(state) && words.code.tied, opened: isShown(state) && words.code.opened,
}));

export default explorer({
  cursors: ["gate", "step"],
  settle,
  compute,
  stage,
  controls,
  formula,
  summary,
  code,
});
