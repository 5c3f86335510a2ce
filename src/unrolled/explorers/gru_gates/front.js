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
import { bandStage } from "#view/band.js";
import { control, ends, inputControl, lengthControl, named, settingSegments, together, told } from "#view/controls.js";
import { sketch } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { line, sumLine } from "#view/formula.js";
import {
  backLines, before, cellPrograms, gateControls, gateLine, gradientChoice, gradientStatus, legendLane, lifeLine, outside, settle, strong, valuesOf,
} from "#view/gated.js";
import { bandLimit, branchLane, markLane } from "#view/gates.js";
import { brief, decimalsOf, fixed, short } from "#view/number.js";
import { symbols } from "#view/slider.js";

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
 * `heard`, of the input and the biases that r leaves alone, and `pushed`, what the product and r
 * make of the old state; `between` is what the first of the two does.
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
  const between = old.map((h, k) => (after ? w[0] * h + state.b_hn : own.r[k] * h));
  const pytorch = isPytorchs(state) ? own.h : run(cellOf(state, true, true), xs, [0], { clamp }).map(({ h }) => h[0]);
  const drift = own.h.map((h, k) => h - pytorch[k]);
  const sizes = drift.map(Math.abs);
  const worst = sizes.reduce((most, size, k) => (size > sizes[most] ? k : most), 0);
  return {
    ...own, share, open, direct: alongBand(share), pytorch, drift, worst,
    sums: Object.fromEntries(GATES.map((gate) => [gate, steps.map(({ r, from }) => preactivation(cell, gate, from.x, from.h, r)[0])])),
    kept: share.map((part, k) => part * old[k]),
    written: open.map((part, k) => part * own.n[k]),
    between, pushed: between.map((one, k) => (after ? own.r[k] : w[0]) * one),
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

// --- the drawing

const TOLD = 15; // where it is said how far off PyTorch's convention is

/** What goes from the old state to r. */
function pastLane() {
  const { element, update } = branchLane();
  return {
    element,
    update({ result: { h } }, { cols, rows }) {
      const old = h.map((_, k) => before(h, k));
      update({ cols, from: outside(rows.c, old), to: rows.r.y, until: Math.max(2, Math.min(12, cols.pitch * 0.275)), values: old });
    },
  };
}

/** Where PyTorch's convention is not chosen, the state that it would give, and how far off it is. */
function pytorchLane(words) {
  const [marks, legend] = [markLane(), legendLane()];
  return {
    elements: [marks.element, legend.element],
    update({ state, result, width }, { cols, wide, at, rows: { h } }) {
      const own = isPytorchs(state);
      marks.update({ cols, zero: h.y, half: h.half, limit: 1, values: result.h, others: own ? null : result.pytorch });
      const x = wide ? cols.left : 0;
      const drift = { value: brief(largestDrift(result)), step: result.worst + 1 };
      legend.update(own ? [{ look: null, x, y: TOLD, name: words.same, value: "" }] : [
        { look: "u-marks", x, y: TOLD, name: words.pytorch({ wide }), value: short(result.pytorch[at]) },
        { look: null, x: wide ? cols.end - 168 : width / 2 + 2, y: TOLD, name: words.drift({ wide }), value: words.driftAt(drift) },
      ]);
    },
  };
}

/** What the circuit has beside the results; r stands after the product or before it, z keeps or replaces. */
function more({ state: { step, reset_after: after, update_keeps: keeps }, result: { between, pushed, heard, sums } }) {
  const lists = [...(after ? [between] : []), pushed, heard, sums.n];
  const limit = bandLimit(lists.map((one) => one[step - 1]).filter(Number.isFinite));
  return { after, before: !after, keeps, replaces: !keeps, limit, most: after ? limit : 1 };
}

const stage = (tools) =>
  bandStage(tools, more, ({ update_keeps: keeps }) => (keeps ? "z" : "1 − z"), { behind: [pastLane()], before: [pytorchLane(tools.words)] });

// --- the formula

/** z, or (1 − z), of a step. */
const valve = (keeps, step) => (keeps ? `z_${step}` : `(1 − z_${step})`);

function driftLine({ state, result, words }) {
  if (state.update_keeps && state.b_hn === 0) return line(words.lines.drift, [words.none]);
  const n = state.step;
  const largest = largestDrift(result);
  const h = () => symbols(`h_${n}`);
  const at = valuesOf(state, { ...result, P: result.pytorch, d: result.drift.map((value) => (Math.abs(value) < 1e-12 ? 0 : value)) });
  const own = sumLine(words.lines.drift, `d_${n} = h_${n} − P_${n}`, at, words.pytorchs.parts({ own: h(), other: h() }));
  const value = strong(fixed(largest, decimalsOf(largest)));
  own.within.push("; ", sketch("span", {}, ...words.largest.parts({ value, step: result.worst + 1 })));
  return own;
}

function formula(view) {
  const { state, result, words } = view;
  const { step: n, gate, gradient, reset_after: after, update_keeps: keeps } = state;
  const at = valuesOf(state, result);
  const pushed = after ? `r_${n} × (w_hn × h_${n - 1} + b_hn)` : `b_hn + w_hn × (r_${n} × h_${n - 1})`;
  return [
    gate === "n" ? sumLine(words.lines.candidate, `n_${n} = tanh(w_xn × x_${n} + b_n + ${pushed})`, at) : gateLine(view, result),
    sumLine(words.lines.h, `h_${n} = ${valve(!keeps, n)} × n_${n} + ${valve(keeps, n)} × h_${n - 1}`, at),
    lifeLine(words, "h", valve(keeps, n), result.share[n - 1]),
    ...(isPytorchs(state) ? [] : [driftLine(view)]),
    ...(gradient === "off" ? [] : backLines(view, {
      letter: "h", valve: (step) => valve(keeps, step), more: `N_${n + 1} + R_${n + 1} + Z_${n + 1}`,
      values: { N: result.by.n, R: result.by.r, Z: result.by.z }, written: () => symbols(["n", "r", "z"].map((one) => ` + ${words.by({ gate: one })}`).join("")),
    })),
  ];
}

// --- the controls

/** The two conventions, and who follows them. */
function conventions(tools) {
  const { words: { places, turns, conventions: who } } = tools;
  const { after, before } = places;
  const { keeps, replaces } = turns;
  const all = [true, false].flatMap((after) => [true, false].map((keeps) => who({ after, keeps })));
  return together("u-panel",
    named(places.title, settingSegments(tools, "reset_after", places.label, { after, before }, [true, false])),
    named("z", settingSegments(tools, "update_keeps", turns.label, { keeps, replaces }, [true, false])),
    told(all, ({ reset_after: after, update_keeps: keeps }) => who({ after, keeps })));
}

/** The candidate's second bias. */
const secondBias = (tools) => control(tools, {
  symbol: "b_hn", label: "", ...ends(tools.settings.b_hn), onvalue: (b_hn) => tools.change({ b_hn }),
}, ({ b_hn }) => b_hn, ({ reset_after: after }) => ({ label: tools.words.b_hn({ after }) }));

function controls(tools) {
  const { r, n, z } = tools.words.meanings;
  // what z means is a matter of the convention
  const meaning = ({ gate, update_keeps: keeps }) => (gate === "z" ? z({ keeps }) : { r, n }[gate]);
  return [
    ...gateControls(tools, { gates: GATES, compute, meanings: [r, n, z({ keeps: true }), z({ keeps: false })], meaning }),
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

export const code = cellPrograms("GRU", (state, words) => ({ own: isPytorchs(state), bias: words.b_hn({ after: state.reset_after }) }));

/** What was computed, by the names that the face has for it. */
export const names = (state, result) => ({ hidden_states: result.h, gates: result });

export default explorer({
  cursors: ["gradient", "gate", "step"],
  settle,
  compute, names,
  stage,
  controls,
  choice: gradientChoice("h"),
  formula,
  status: gradientStatus,
  summary,
  code,
});
