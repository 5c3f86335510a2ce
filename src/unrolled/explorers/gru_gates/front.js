/**
 * One GRU unit, unrolled over 2 to 40 steps, in any of its conventions: the hidden state as a
 * band with one valve, whose complement lets the candidate in, and the cell itself, at the
 * chosen step, as a circuit: the front end of its room.
 *
 * Where a convention is chosen that is not PyTorch's, the state that PyTorch's would give with
 * the same weights is marked beside it.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, preactivation, run, signals } from "#core/gru.js";
import { control, ends, inputControl, lengthControl } from "#view/controls.js";
import { html, patch } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { equation, line, sumLine, symbols } from "#view/formula.js";
import {
  backLines, before, derivative, gatedStage, gateLine, gatePanel, gradientChoice, gradientStatus, heldControl, inputs, isHeld,
  legendLane, lifeLine, named, onlyWhile, printed, settle, strong, sumCode, weightControl, weightsCode,
} from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, branchLane, circuitFrame, edgeLabels, flowLane, gateLane, markLane, tapLabel } from "#view/gates.js";
import { brief, decimalsOf, fixed, literal, literals, short } from "#view/number.js";
import { segments } from "#view/slider.js";
import { barLane } from "#view/strip.js";

const CLAMPS = ["clamp_r", "clamp_z"];
const plain = { clamp_r: null, clamp_z: null, b_hn: 0, reset_after: true, update_keeps: true };

export const presets = {
  keep: {
    ...plain, x: inputs(16, { 2: 1, 6: -1, 9: -0.5, 12: -0.2 }), r: [-10, 0, 5], z: [-10, 0, 5], n: [2, 1, 0],
  },
  latch: {
    ...plain, x: inputs(20, { 2: 1, 7: 1, 12: -1, 16: 1 }), r: [0, 0, 5], z: [0, 0, -2.2], n: [5, 3, 0],
  },
  reset: {
    ...plain, x: inputs(16, { 2: -1, 9: 1 }), r: [-10, 0, 5], z: [0, 0, -2.2], n: [2, 3, 0],
  },
  default: {
    ...plain, x: inputs(16, { 2: 1 }), r: [0.14, 0.22, -0.32], z: [0.11, -0.53, 0.16], n: [0.97, -0.1, 0.12], b_hn: -0.07,
  },
  conventions: {
    ...plain, x: inputs(16, { 2: 1, 9: -1 }), r: [-8, 0, 4], z: [-8, 0, 4], n: [2, 0, -1.5], b_hn: 1.5, reset_after: false,
  },
};
export const initial = { ...presets.keep, gradient: "off", gate: "z", step: 12 };

/** The cell by a convention. With r before the product, the candidate's two biases are one. */
function cellOf(state, after, keeps) {
  const cell = stacked(GATES.map((gate) => state[gate]));
  if (!after) cell.b[2] += state.b_hn;
  return { ...cell, b_hn: after ? [state.b_hn] : null, reset_after: after, update_keeps: keeps };
}

const isPytorchs = (state) => state.reset_after && state.update_keeps;

/**
 * Every gate and the state by name, a list of T numbers each; `sums` is what a gate's sigmoid (of
 * n: tanh) would be applied to. `share` is how much of the old state stays, z or 1 - z, and `open`
 * the rest; `kept` is share_t h_{t-1} and `written` open_t n_t. What n's tanh is applied to is
 * `heard`, of the input and the biases that r leaves alone, and `pushed`, through r.
 *
 * `pytorch` is the state in PyTorch's convention with the same weights, `drift` what it is off by,
 * and `worst` the largest of that. Of h_T: `direct` is its derivative by h_t along the band alone,
 * `whole` through everything; `by` is what the candidate and the gates of the next step add.
 */
export function compute(state) {
  const { reset_after: after, update_keeps: keeps } = state;
  const cell = cellOf(state, after, keeps);
  const xs = state.x.map((value) => [value]);
  const clamp = { r: state.clamp_r, z: state.clamp_z };
  const steps = run(cell, xs, [0], { clamp });
  const back = signals(cell, steps, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  const own = Object.fromEntries([...GATES, "h"].map((name) => [name, steps.map((one) => one[name][0])]));
  const old = steps.map(({ from }) => from.h[0]);
  const share = keeps ? own.z : own.z.map((z) => 1 - z);
  const open = keeps ? own.z.map((z) => 1 - z) : own.z;
  const [, , w] = cell.W_h;
  const pytorch = isPytorchs(state) ? own.h : run(cellOf(state, true, true), xs, [0], { clamp }).map(({ h }) => h[0]);
  const drift = own.h.map((h, k) => h - pytorch[k]);
  const sizes = drift.map(Math.abs);
  const worst = sizes.reduce((most, size, k) => (size > sizes[most] ? k : most), 0);
  return {
    ...own, share, open, direct: alongBand(share), pytorch, drift, worst,
    sums: Object.fromEntries(GATES.map((gate) => [gate, steps.map(({ r, from }) => preactivation(cell, gate, from.x, from.h, r)[0])])),
    kept: share.map((part, k) => part * old[k]),
    written: open.map((part, k) => part * own.n[k]),
    product: old.map((h, k) => w[0] * (after ? h : own.r[k] * h) + (after ? state.b_hn : 0)),
    pushed: old.map((h, k) => (after ? own.r[k] * (w[0] * h + state.b_hn) : w[0] * (own.r[k] * h))),
    heard: state.x.map((x) => cell.W_x[2][0] * x + cell.b[2]),
    whole: back.h.map(([value]) => value),
    by: {
      n: steps.map(({ r }, k) => back.a_n[k][0] * r[0] * w[0]),
      r: back.a_r.map(([a]) => a * cell.W_h[0][0]),
      z: back.a_z.map(([a]) => a * cell.W_h[1][0]),
    },
  };
}

/** The largest drift, or 0 where there is none but for the last digits. */
const largestDrift = ({ drift, worst }) => (Math.abs(drift[worst]) < 1e-12 ? 0 : Math.abs(drift[worst]));

/** What stays of h, and what lets the candidate in, by the convention. */
const shares = (keeps) => (keeps ? { kept: "z", open: "1 − z" } : { kept: "1 − z", open: "z" });

// --- the lanes over time

const WIDE = {
  left: 106, right: 8, h: 64, hHalf: 30, c: 150, half: 38, open: 218, tap: 24, n: 256, nHalf: 16, r: 296, x: 350, reach: 27, foot: 398,
  back: 128, chart: 76, told: 16,
};
const NARROW = {
  left: 36, right: 6, h: 62, hHalf: 26, c: 139, half: 33, open: 198, tap: 20, n: 232, nHalf: 13, r: 266, x: 314, reach: 24, foot: 360,
  back: 112, chart: 64, told: 16,
};

/** From the old state through r into the candidate, and from there into the band, which is shown as it is. */
function flowLanes() {
  const branches = branchLane();
  const flows = { r: flowLane(), n: flowLane(), open: flowLane(), h: flowLane() };
  return {
    elements: [branches, ...Object.values(flows)].map(({ element }) => element),
    update({ h: state, n: candidate, pushed, written }, { cols, thick, layout: { h, c, open, n, r, tap, nHalf, hHalf } }) {
      const old = state.map((_, k) => before(state, k));
      const until = Math.max(2, Math.min(12, cols.pitch * 0.275));
      branches.update({ cols, from: (k) => c + thick(old[k]), to: r, until, values: old });
      flows.r.update({
        cols, from: () => r - tap / 2, to: (k) => n - Math.min(0, candidate[k]) * nHalf, values: pushed, limit: bandLimit(pushed),
      });
      flows.n.update({ cols, from: (k) => n - Math.max(0, candidate[k]) * nHalf, to: () => open + tap / 2, values: candidate });
      flows.open.update({ cols, from: () => open - tap / 2, to: (k) => c + thick(state[k]), values: written });
      flows.h.update({ cols, from: (k) => c - thick(state[k]), to: (k) => h - Math.min(0, state[k]) * hHalf, values: state });
    },
  };
}

/** Where PyTorch's convention is not chosen, the state that it would give, and how far off it is. */
function pytorchLane(words) {
  const [marks, legend] = [markLane(), legendLane()];
  return {
    elements: [marks.element, legend.element],
    update({ state, result, width }, { cols, wide, at, layout: { h, hHalf, told: y } }) {
      const own = isPytorchs(state);
      marks.update({ cols, zero: h, half: hHalf, limit: 1, values: result.h, others: own ? null : result.pytorch });
      const x = wide ? cols.left : 0;
      const drift = { value: brief(largestDrift(result)), step: result.worst + 1 };
      legend.update(own ? [{ look: null, x, y, name: words.same, value: "" }] : [
        { look: "u-marks", x, y, name: words.pytorch({ wide }), value: short(result.pytorch[at]) },
        { look: null, x: wide ? cols.end - 168 : width / 2 + 2, y, name: words.drift({ wide }), value: words.driftAt(drift) },
      ]);
    },
  };
}

/** The lanes' names, and where they stand. */
function namesOf({ rows, names }, { gate, update_keeps: keeps }, { h, c, open, n, r, x }) {
  const { kept: valve, open: tap } = shares(keeps);
  const update = gate === "z";
  return [
    { letter: "h", text: rows.shown, y: h }, { letter: "h", text: rows.h, y: c - 17 },
    { letter: valve, text: keeps ? names.z : rows.kept, y: c + 17, chosen: update },
    { letter: tap, text: keeps ? rows.open : names.z, y: open, chosen: update },
    { letter: "n", text: names.n, y: n, chosen: gate === "n" }, { letter: "r", text: names.r, y: r, chosen: gate === "r" },
    { letter: "x", text: rows.x, y: x },
  ];
}

/** The gate in whose lane a click is. */
function pick(py, { r, n, open, c, tap, nHalf, half }) {
  const lanes = [["r", r, tap / 2 + 6], ["n", n, nHalf + 4], ["z", open, tap / 2 + 6], ["z", c, half + 6]];
  return lanes.find(([, y, room]) => Math.abs(py - y) < room)?.[0] ?? null;
}

function stage(tools) {
  const [axis, flows, state, valves, pytorch] = [bandAxis(), flowLanes(), bandLane(), gateLane({ valve: true }), pytorchLane(tools.words)];
  const taps = { open: gateLane(), r: gateLane() };
  const bars = { h: barLane(), n: barLane() };

  function draw(view, place) {
    const { state: now, result } = view;
    const { cols, layout, wide, at, of } = place;
    const { h, c, n, half, tap, nHalf, hHalf } = layout;
    const held = { open: isHeld(now, "z"), r: isHeld(now, "r") };
    const thick = (value) => Math.abs(value) * half;
    axis.update({ cols, y: c, half, text: wide ? "|h| = 1" : "1" });
    flows.update(result, { cols, thick, layout });
    state.update({ ...of("h"), y: c, half, limit: 1, kept: result.kept });
    valves.update({ ...of("share"), y: c, height: 2 * half + 10, held: held.open });
    for (const [name, lane] of Object.entries(taps)) lane.update({ ...of(name), y: layout[name], height: tap, held: held[name] });
    bars.h.update({ ...of("h"), zero: h, half: hHalf, limit: 1 });
    bars.n.update({ ...of("n"), zero: n, half: nHalf, limit: 1 });
    pytorch.update(view, place);
    const value = result.h[at];
    return {
      zeros: [h, n],
      numbers: [[Math.max(h - Math.max(0, value) * hHalf - 5, layout.told + 15), value], [c - thick(value) - 6, value]],
      names: namesOf(tools.words, now, layout),
    };
  }

  return gatedStage(tools, {
    wide: WIDE, narrow: NARROW, draw, parts, pick, gradient: { letter: "h", valve: ({ update_keeps: keeps }) => shares(keeps).kept },
    lanes: [
      axis.element, ...flows.elements, ...[state, valves, ...Object.values(taps), ...Object.values(bars)].map(({ element }) => element),
      ...pytorch.elements,
    ],
  });
}

// --- the cell at the chosen step

const Y = { title: 22, band: 58, mix: 98, tap: 136, name: 164, rail: 192, reset: 226, bus: 260, input: 292 };
const SIZE = 26; // of a tap

/**
 * Where the parts of the circuit stand. On the old state's way to the candidate r stands before
 * the product or after it; z turns into 1 - z on its way to the candidate, or to the old state.
 */
function placesOf(width, { reset_after: after, update_keeps: keeps }) {
  const { at, ...frame } = circuitFrame(width, 62);
  const [z, first, second, n] = [0.17, 0.4, 0.64, 0.88].map(at);
  return {
    ...Y, ...frame, end: width, branch: frame.left + 8, z, x: at(0.28), first, second, n, middle: (z + n) / 2, above: (Y.mix + Y.band) / 2,
    r: after ? second : first, product: after ? first : second, turn: keeps ? [(z + n) / 2, Y.mix] : [z, (Y.mix + Y.band) / 2],
  };
}

const CARRIED = ["h", ...GATES, "share", "open", "kept", "written", "heard", "pushed", "product"];

/** All that the circuit carries. */
function carried({ state, result }) {
  const k = state.step - 1;
  const old = before(result.h, k);
  const now = Object.fromEntries(CARRIED.map((name) => [name, result[name][k]]));
  const sum = result.sums.n[k];
  const limit = bandLimit([now.product, now.pushed, sum, now.heard].filter(Number.isFinite));
  return { ...now, k, x: state.x[k], old, sum, between: state.reset_after ? now.product : now.r * old, limit };
}

const wires = (state, { limit, ...now }) => [
  // what comes in: the old state and x, to the two gates and the candidate
  ["M branch band V bus", now.old],
  ["M branch bus H n"],
  ["M x input V bus", now.x],
  ["M z bus V rail+6 M z rail-6 V name+6", undefined, { off: isHeld(state, "z") }],
  ["M r bus V reset+13", undefined, { off: isHeld(state, "r") }],
  ["M n bus V rail", now.heard, { limit }],
  ["M branch rail H first", now.old],
  ["M first rail H second", now.between, { limit: state.reset_after ? limit : 1 }],
  ["M second rail H n", now.pushed, { limit }],
  ["M r reset-13 V rail", now.r, { gate: true }],
  ["M n rail V name+6", now.sum, { limit }],
  // under the band
  ["M z tap-13 V mix", now.z, { gate: true }],
  ["M z mix V band", now.share, { gate: true }],
  ["M z mix H n", now.open, { gate: true }],
  ["M n tap-13 V mix", now.n],
  ["M n mix V band", now.written],
  // the band, in and out
  ["M0 band H z", now.old],
  ["M z band H n", now.kept],
  ["M n band H end", now.h],
];

/** Numbers on the old state's way to the candidate, each in the middle of what is free of its wire. */
function railLabels(after, p, now) {
  const [first, second] = after ? [18, 9] : [9, 18]; // half of what stands there
  const middle = (start, end, value) => ({ x: (start + end) / 2, y: p.rail - 9, anchor: "middle", text: short(value) });
  return [
    middle(p.z + 6, p.first - first, now.old),
    middle(p.first + first, p.second - second, now.between),
    middle(p.second + second, p.n - 9, now.pushed),
  ];
}

function labels({ state, result, words }, p, now) {
  const { gate, reset_after: after, update_keeps: keeps } = state;
  const [ofOld, ofNew] = keeps ? ["z h", "(1 − z) n"] : ["(1 − z) h", "z n"];
  const product = (text) => [p.wide ? text : "", ""];
  return [
    { x: p.left + 12, y: p.title, text: words.circuit({ step: state.step }), look: "u-chosen" },
    ...edgeLabels({ x: 0, y: p.band, symbol: ["h", String(now.k)], value: now.old, pick: "before" }),
    ...edgeLabels({ x: p.end, y: p.band, anchor: "end", symbol: ["h", String(now.k + 1)], value: now.h }),
    { x: p.x + 9, y: p.input - 2, symbol: ["x", String(now.k + 1)], text: short(now.x), look: "u-strong" },
    { x: p.middle, y: p.band - 9, anchor: "middle", symbol: product(ofOld), text: short(now.kept) },
    { x: p.n - 10, y: p.above + 4, anchor: "end", symbol: product(ofNew), text: short(now.written) },
    { x: keeps ? (p.middle + p.n) / 2 + 6 : p.middle, y: p.mix + 19, anchor: "middle", text: short(now.open) },
    tapLabel("z", p.z, p.name, now.z, gate), tapLabel("n", p.n, p.name, now.n, gate),
    tapLabel("r", p.r + (after ? -19 : 19), p.reset + 5, now.r, gate, after ? "end" : "start"),
    ...railLabels(after, p, now),
    { x: p.n - 8, y: p.bus - 6, anchor: "end", text: short(now.heard) },
    ...(p.wide ? ["z", "r"].map((name) => ({
      x: p[name] + 7, y: p.bus - 6, text: isHeld(state, name) ? words.held : short(result.sums[name][now.k]),
    })) : []),
  ];
}

/** What `circuit` draws. */
function parts(view) {
  const { state, ghost, width, words } = view;
  const [p, now] = [placesOf(width, state), carried(view)];
  const values = Object.fromEntries(GATES.map((gate) => [gate, fixed(now[gate])]));
  return {
    width, height: 298, label: words.circuitLabel({ step: state.step, ...values }), places: p,
    frame: { x: p.left, y: 4, width: p.right - p.left, height: p.bus + 8 },
    wires: wires(state, now),
    labels: labels(view, p, now),
    taps: Object.entries({ z: p.tap, n: p.tap, r: p.reset }).map(([name, y]) => ({
      name, x: p[name], y, size: SIZE, value: now[name], past: ghost?.[name][now.k], held: isHeld(state, name), signed: name === "n",
    })),
    nodes: [
      { x: p.z, y: p.band, text: "×" }, { x: p.n, y: p.band, text: "+" }, { x: p.n, y: p.mix, text: "×" }, { x: p.turn[0], y: p.turn[1], text: "1 −" },
      { x: p.r, y: p.rail, text: "×" }, { x: p.product, y: p.rail, symbol: ["w", "hn"] }, { x: p.n, y: p.rail, text: "+" },
    ],
  };
}

// --- the formula

/** n, with r where it stands. */
function candidateLine({ state, result, words }, k) {
  const { reset_after: after, b_hn } = state;
  const [w, u, b] = state.n;
  const [n, r, h] = [k + 1, result.r[k], before(result.h, k)];
  const input = `n_${n} = tanh(w_xn × x_${n} + b_n`;
  const value = result.n[k];
  return after
    ? sumLine(words.lines.candidate, `${input} + r_${n} × (w_hn × h_${k} + b_hn))`, {
      operands: [w, state.x[k], b, r, u, h, b_hn], evaluate: ([p, q, c, s, t, o, d]) => Math.tanh(p * q + c + s * (t * o + d)), value,
    })
    : sumLine(words.lines.candidate, `${input} + b_hn + w_hn × (r_${n} × h_${k}))`, {
      operands: [w, state.x[k], b, b_hn, u, r, h], evaluate: ([p, q, c, d, t, s, o]) => Math.tanh(p * q + c + (d + t * (s * o))), value,
    });
}

/** z, or (1 − z), of a step. */
const valve = (keeps, step) => (keeps ? `z_${step}` : `(1 − z_${step})`);

function stateLine({ state: { update_keeps: keeps }, result, words }, k) {
  const n = k + 1;
  return sumLine(words.lines.h, `h_${n} = ${valve(!keeps, n)} × n_${n} + ${valve(keeps, n)} × h_${k}`, {
    operands: [result.z[k], result.n[k], before(result.h, k)], value: result.h[k],
    evaluate: ([z, p, q]) => (keeps ? (1 - z) * p + z * q : z * p + (1 - z) * q),
  });
}

function driftLine({ state, result, words }, k) {
  if (state.update_keeps && state.b_hn === 0) return line(words.lines.drift, [words.none]);
  const largest = largestDrift(result);
  const h = () => symbols(`h_${k + 1}`);
  const own = equation(words.lines.drift, {
    operands: [result.h[k], result.pytorch[k]], evaluate: ([p, q]) => p - q, value: Math.abs(result.drift[k]) < 1e-12 ? 0 : result.drift[k],
  }, words.pytorchs.parts({ own: h(), other: h() }), (shown) => [shown(0), " − ", shown(1)]);
  const value = strong(fixed(largest, decimalsOf(largest)));
  own.append("; ", html("span", {}, ...words.largest.parts({ value, step: result.worst + 1 })));
  return own;
}

const GATES_BACK = ["n", "r", "z"]; // as the gradient meets them

function gradientLines({ state, result, words }, k) {
  const { whole, share, direct, by } = result;
  const T = state.x.length;
  const added = GATES_BACK.map((gate) => ` + ${words.by({ gate })}`).join("");
  return backLines({
    words, letter: "h", T, k, share, direct, valve: (step) => valve(state.update_keeps, step),
    whole: (own) => equation(words.lines.whole, {
      operands: [share[k + 1], whole[k + 1], ...GATES_BACK.map((gate) => by[gate][k + 1])],
      evaluate: ([p, q, n, r, z]) => p * q + n + r + z, value: whole[k],
    }, [own, ...symbols(` = ${valve(state.update_keeps, k + 2)} `), derivative(`h_${T}`, `h_${k + 2}`), added],
    (shown, plain_) => [plain_(0), " × ", shown(1), " + ", shown(2), " + ", shown(3), " + ", shown(4)]),
  });
}

function formula(view) {
  const { state, result, words } = view;
  const k = state.step - 1;
  return [
    state.gate === "n" ? candidateLine(view, k) : gateLine(view, k),
    stateLine(view, k),
    lifeLine(words, "h", valve(state.update_keeps, k + 1), result.share[k]),
    ...(isPytorchs(state) ? [] : [driftLine(view, k)]),
    ...(state.gradient === "off" ? [] : gradientLines(view, k)),
  ];
}

// --- the controls

/** The two conventions, and who follows them. */
function conventions({ change, words }) {
  const { places, turns } = words;
  const place = segments({
    label: places.label, options: ["after", "before"], labels: places, onvalue: (value) => change({ reset_after: value === "after" }),
  });
  const turned = segments({
    label: turns.label, options: ["keeps", "replaces"], labels: turns, onvalue: (value) => change({ update_keeps: value === "keeps" }),
  });
  const who = html("p", { class: "u-meaning" });
  return {
    element: html("div", { class: "u-panel" }, named(places.title, place), named("z", turned), who),
    update({ state: { reset_after: after, update_keeps: keeps } }) {
      place.update(after ? "after" : "before");
      turned.update(keeps ? "keeps" : "replaces");
      patch(who, { text: words.conventions({ after, keeps }) });
    },
  };
}

/** What a gate means, which for z is a matter of the convention. */
const meaning = ({ meanings }, { gate, update_keeps: keeps }) => (gate === "z" ? meanings.z({ keeps }) : meanings[gate]);

/** The candidate's second bias. */
const secondBias = (tools) => control(tools, {
  symbol: "b_hn", label: "", ...ends(tools.settings.b_hn), onvalue: (b_hn) => tools.change({ b_hn }),
}, ({ b_hn }) => b_hn, ({ reset_after: after }) => ({ label: tools.words.b_hn({ after }) }));

function controls(tools) {
  const free = (state) => !isHeld(state, state.gate);
  return [
    gatePanel(tools, { gates: GATES, compute, meaning: (state) => meaning(tools.words, state) }),
    ...["x", "h", "b"].map((which) => onlyWhile(free, weightControl(tools, which))),
    onlyWhile((state) => !free(state), heldControl(tools)),
    secondBias(tools),
    inputControl(tools),
    lengthControl(tools),
    conventions(tools),
  ];
}

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries([...GATES, "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    step: state.step, ...values, pytorch: isPytorchs(state), drift: brief(largestDrift(result)), worst: result.worst + 1,
    gradient: state.gradient, direct: brief(result.direct[k]), whole: brief(result.whole[k]),
  });
}

// --- the same numbers in Python

const NUMPY = { tanh: "np.tanh", sigmoid: "sigmoid", number: (text) => text, item: "" };
const TORCH = { tanh: "torch.tanh", sigmoid: "torch.sigmoid", number: (text) => `torch.tensor(${text}, dtype=torch.float64)`, item: ".item()" };

/** One step of the loop by a convention; names end in `tail`. */
function stepCode(state, after, keeps, python, tail = "") {
  const [r, z, n, h] = ["r", "z", "n", "h"].map((name) => name + tail);
  const gate = (name) => `    ${name}${tail} = ${isHeld(state, name)
    ? `${python.number(literal(state[`clamp_${name}`]))}  # clamped` : `${python.sigmoid}(${sumCode(name, h)})`}\n`;
  const inside = after ? `${r} * (w_n[1] * ${h} + b_hn)` : `b_hn + w_n[1] * (${r} * ${h})`;
  return `${gate("r")}${gate("z")}    ${n} = ${python.tanh}(w_n[0] * x_t + w_n[2] + ${inside})
    ${h} = ${keeps ? `(1 - ${z}) * ${n} + ${z} * ${h}` : `${z} * ${n} + (1 - ${z}) * ${h}`}\n`;
}

const biasCode = (state, words) => `b_hn = ${literal(state.b_hn)}  # ${words.b_hn({ after: state.reset_after })}`;

/** All steps, and what each drifts from PyTorch's convention; `early`, `late` and `last` are further lines of a step. */
function loopCode(state, python, { early = "", late = "", last = "" }) {
  const [h, p] = ["h", "h_p"].map((name) => name + python.item);
  return `for t, x_t in enumerate(x, start=1):
${early}${stepCode(state, state.reset_after, state.update_keeps, python)}${late}    print(f"step {t}: ${printed([...GATES, "h"], (name) => name + python.item)}")
${last}${isPytorchs(state) ? "" : `    # the same weights in PyTorch's convention
${stepCode(state, true, true, python, "_p")}    print(f"step {t}: PyTorch's h {${p}:z.2f}, drift {${h} - ${p}:z.2f}")
    drift = max(drift, abs(${h} - ${p}))
print(f"largest drift {drift:.4g}")
`}`;
}

function copyNumpy(state, words) {
  const { reset_after: after, update_keeps: keeps } = state;
  const back = state.gradient !== "off";
  const slopes = { r: `a_n * ${after ? "(w_n[1] * old + b_hn)" : "w_n[1] * old"} * r * (1 - r)`, z: `whole * (${keeps ? "old - n" : "n - old"}) * z * (1 - z)` };
  const gates = Object.keys(slopes).filter((gate) => !isHeld(state, gate)).map((gate) => ` + w_${gate}[1] * ${slopes[gate]}`).join("");
  return `# ${words.comment({ timesteps: state.x.length })}
import numpy as np

x = np.array(${literals(state.x)})
${weightsCode(state, GATES)}
${biasCode(state, words)}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


h = 0.0
${isPytorchs(state) ? "" : "h_p = drift = 0.0\n"}${back ? "run = []\n" : ""}${
    loopCode(state, NUMPY, back ? { early: "    old = h\n", last: "    run.append((r, z, n, old))\n" } : {})}${back ? `
# back from the last h: along the band alone, and through everything
direct = whole = 1.0
for t in range(len(x), 0, -1):
    print(f"step {t}: direct {direct:.4g}, whole {whole:z.4g}")
    r, z, n, old = run[t - 1]
    kept = ${keeps ? "z" : "1 - z"}
    a_n = whole * (1 - kept) * (1 - n * n)
    direct, whole = direct * kept, whole * kept + a_n * r * w_n[1]${gates}
` : ""}`;
}

/** The loop, with autograd. */
function pytorchLoop(state, words, clamped) {
  const back = state.gradient !== "off";
  const keep = `    h.retain_grad()
    kept.append(h)
    shares.append(${state.update_keeps ? "z" : "1 - z"})
`;
  return `${weightsCode(state, GATES)}
${biasCode(state, words)}

# ${words.loop({ module: "torch.nn.GRU", clamped })}
h = torch.zeros((), dtype=torch.float64, requires_grad=True)
${isPytorchs(state) ? "" : "h_p = torch.zeros((), dtype=torch.float64)\ndrift = 0.0\n"}${back ? "kept, shares = [], []\n" : ""}${
    loopCode(state, TORCH, back ? { late: keep } : {})}${back ? `
h.backward()
direct = 1.0
for t in range(len(x), 0, -1):
    print(f"step {t}: direct {direct:.4g}, whole {kept[t - 1].grad.item():z.4g}")
    direct *= shares[t - 1].item()
` : ""}`;
}

/** `torch.nn.GRU` itself, which keeps its gates to itself. */
function pytorchModule(state, words) {
  const changes = [
    ...(state.update_keeps ? [] : ["w_z = [-w for w in w_z]  # PyTorch's z keeps, and 1 - sigmoid(a) = sigmoid(-a)"]),
    ...(state.reset_after ? [] : ["w_n[2], b_hn = w_n[2] + b_hn, 0.0  # one unit: r (w h) = w (r h), so only b_hn moves"]),
  ].map((one) => `${one}\n`).join("");
  return `${GATES.map((gate) => `w_${gate} = ${literals(state[gate])}  # on x, on h, bias`).join("\n")}
${biasCode(state, words)}


def gru():
    """A torch.nn.GRU with these weights; the order of its blocks is r, z, n."""
    module = torch.nn.GRU(1, 1, dtype=torch.float64)
    rows = torch.tensor([w_r, w_z, w_n], dtype=torch.float64)
    with torch.no_grad():
        module.weight_ih_l0.copy_(rows[:, :1])
        module.weight_hh_l0.copy_(rows[:, 1:2])
        module.bias_ih_l0.copy_(rows[:, 2])
        module.bias_hh_l0.copy_(torch.tensor([0.0, 0.0, b_hn]))
    return module


def states(module):
    with torch.no_grad():
        return module(x[:, None])[0][:, 0].tolist()


${isPytorchs(state) ? `for t, h_t in enumerate(states(gru()), start=1):
    print(f"step {t}: h {h_t:z.2f}")
` : `same = states(gru())  # the same weights in PyTorch's convention
${changes}h = states(gru())  # converted: the states on screen
for t, (h_t, p_t) in enumerate(zip(h, same), start=1):
    print(f"step {t}: h {h_t:z.2f}")
    print(f"step {t}: PyTorch's h {p_t:z.2f}, drift {h_t - p_t:z.2f}")
print(f"largest drift {max(abs(h_t - p_t) for h_t, p_t in zip(h, same)):.4g}")
`}`;
}

function copyPytorch(state, words) {
  const clamped = CLAMPS.some((name) => state[name] !== null);
  const body = clamped || state.gradient !== "off" ? pytorchLoop(state, words, clamped) : pytorchModule(state, words);
  return `# ${words.comment({ timesteps: state.x.length })}
import torch

x = torch.tensor(${literals(state.x)}, dtype=torch.float64)
${body}`;
}

export const code = { copyNumpy, copyPytorch };

export default explorer({
  cursors: ["gradient", "gate", "step"],
  initial,
  settle,
  presets,
  compute,
  stage,
  controls,
  choice: gradientChoice("h"),
  formula,
  status: gradientStatus,
  summary,
  code,
});
