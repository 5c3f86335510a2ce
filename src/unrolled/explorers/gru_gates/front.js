/**
 * One GRU unit, unrolled over 2 to 40 steps, in any of its conventions: the hidden state as a
 * band with one valve, whose complement lets the candidate in, and the cell itself, at the
 * chosen step, as a circuit: the front end of its room.
 *
 * Where a convention is chosen that is not PyTorch's, the state that PyTorch's would give with
 * the same weights is marked beside it.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, run, signals } from "#core/gru.js";
import { bandStage } from "#view/band.js";
import { control, ends, inputControl, lengthControl, named, settingSegments, together, told } from "#view/controls.js";
import { sketch } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { line, outcome, sumLine } from "#view/formula.js";
import {
  cellFormula, cellPrograms, end, gateControls, gradientChoice, gradientStatus, legendLane, settle, valuesOf,
} from "#view/gated.js";
import { flowPaths, flowWidth, markPaths } from "#view/gates.js";
import { brief, fixed, short } from "#view/number.js";
import { within } from "#view/shape.js";
import { symbols } from "#view/slider.js";
import { round } from "#view/strip.js";

/** The cell by a convention. With r before the product, the candidate's two biases are one. */
function cellOf(state, after, keeps) {
  const cell = stacked(GATES.map((gate) => state[gate]));
  if (!after) cell.b[2] += state.b_hn;
  return { ...cell, b_hn: after ? [state.b_hn] : null, reset_after: after, update_keeps: keeps };
}

const isPytorchs = (state) => state.reset_after && state.update_keeps;

/**
 * Every gate and the state by name, a list of T numbers each; `old` is the state before. `share` is
 * how much of it stays, z or 1 - z, and `open` the rest; `kept` is share_t h_{t-1} and `written`
 * open_t n_t; `pushed` is what the product and r make of the old state.
 *
 * `pytorch` is the state in PyTorch's convention with the same weights, `drift` what it is off by,
 * and `largest` the most of that, in the column `worst`. Of h_T: `direct` is its derivative by h_t along the band alone,
 * `whole` through everything; `by` is what the candidate, N, and the gates of the next step, R and Z, add.
 */
export function compute(state) {
  const { reset_after: after, update_keeps: keeps } = state;
  const cell = cellOf(state, after, keeps);
  const xs = state.x.map((value) => [value]);
  const clamp = { r: state.clamp_r, z: state.clamp_z };
  const steps = run(cell, xs, [0], { clamp });
  const back = signals(cell, steps, [...xs.slice(1).fill([0]), [1]]);
  const [r, z, n, h] = [...GATES, "h"].map((name) => steps.map((one) => one[name][0]));
  const old = steps.map(({ from }) => from.h[0]);
  const rest = z.map((one) => 1 - one);
  const [share, open] = keeps ? [z, rest] : [rest, z];
  const [[w_r], [w_z], [w_n]] = cell.W_h;
  const pytorch = run(cellOf(state, true, true), xs, [0], { clamp }).map((one) => one.h[0]);
  const drift = h.map((one, k) => one - pytorch[k]);
  const worst = drift.reduce((most, one, k) => (Math.abs(one) > Math.abs(drift[most]) ? k : most), 0);
  const exact = (value) => (Math.abs(value) < 1e-12 ? 0 : value); // but for the last digits
  return {
    r, z, n, h, old, share, open, direct: alongBand(share), pytorch, worst,
    drift: drift.map(exact),
    largest: exact(Math.abs(drift[worst])),
    kept: share.map((part, k) => part * old[k]),
    written: open.map((part, k) => part * n[k]),
    pushed: old.map((one, k) => (after ? r[k] * (w_n * one + state.b_hn) : w_n * (r[k] * one))),
    whole: back.h.map(([value]) => value),
    by: {
      N: r.map((one, k) => back.a_n[k][0] * one * w_n),
      R: back.a_r.map(([a]) => a * w_r),
      Z: back.a_z.map(([a]) => a * w_z),
    },
  };
}

// --- the drawing

/** What leaves the band before each valve, goes down beside the columns, and then into r: the wider, the more of 1. */
function pastLane() {
  const { element, draw } = flowPaths();
  return {
    element,
    update({ result: { old } }, { cols, rows }) {
      const most = flowWidth(cols) * 0.4;
      const beside = within(cols.pitch * 0.1, [1, 3.5]) + most / 2; // left of the valve
      const x = (k) => cols.left + cols.pitch * k - beside;
      const from = end("outside", rows.c, old);
      const high = (k) => round(from(k));
      const stop = (k) => round(cols.x(k) - within(cols.pitch * 0.275, [2, 12]));
      const { y } = rows.r;
      draw(old, (k) => `M${round(x(k))} ${high(k)}V${y}H${stop(k)}`, (k) => {
        const half = (Math.abs(old[k]) * most) / 2;
        return half > 0.15 ? `M${round(x(k) - half)} ${high(k)}V${round(y + half)}H${stop(k)}`
          + `V${round(y - half)}H${round(x(k) + half)}V${high(k)}z` : "";
      });
    },
  };
}

/**
 * Where PyTorch's convention is not chosen, the state that it would give, marks in ink that are tied to the
 * bars' own ends, and how far off it is.
 */
function pytorchLane(words) {
  const [marks, legend] = [markPaths(), legendLane()];
  return {
    elements: [marks.element, legend.element],
    update({ state, result: { h, pytorch, largest, worst }, width }, { cols, wide, at, rows: { h: { y, half } } }) {
      const own = isPytorchs(state);
      const high = (value) => round(y - value * half);
      const long = within(cols.pitch * 0.8, [3, 22]);
      const all = (write) => (own ? "" : pytorch.map(write).join(""));
      marks.draw({
        ties: all((value, k) => `M${round(cols.x(k))} ${high(h[k])}V${high(value)}`),
        marks: all((value, k) => `M${round(cols.x(k) - long / 2)} ${high(value)}h${round(long)}`),
      });
      const x = wide ? cols.left : 0;
      const value = words.driftAt({ value: brief(largest), step: worst + 1 });
      legend.update(own ? [{ x, name: words.same }] : [
        { look: "u-marks", x, name: words.pytorch({ wide }), value: short(pytorch[at]) },
        { x: wide ? cols.end - 168 : width / 2 + 2, name: words.drift({ wide }), value },
      ]);
    },
  };
}

const stage = (tools) => bandStage(tools, [pastLane()], [pytorchLane(tools.words)]);

// --- the formula

function driftLine({ state, result, words }) {
  if (state.update_keeps && state.b_hn === 0) return line(words.lines.drift, [words.none]);
  const { step: n } = state;
  const { pytorch: P, drift: d, largest, worst } = result;
  const own = sumLine(words.lines.drift, `d_${n} = h_${n} − P_${n}`, valuesOf(state, { ...result, P, d }), symbols(words.pytorchs({ h: `h_${n}` })));
  const [, value] = outcome(largest, true);
  own.within.push("; ", sketch("span", {}, ...words.largest.parts({ value, step: worst + 1 })));
  return own;
}

const formula = (view) => cellFormula(view, ...(isPytorchs(view.state) ? [] : [driftLine(view)]));

// --- the controls

const place = ({ reset_after: after }) => (after ? "after" : "before");
const turn = ({ update_keeps: keeps }) => (keeps ? "keeps" : "replaces");

/** The two conventions, and who follows them. */
function conventions(tools) {
  const { places: { title, ...places }, turns, conventions: who } = tools.words;
  return together("u-panel",
    named(title, settingSegments(tools, "reset_after", tools.words.place, places, [true, false])),
    named("z", settingSegments(tools, "update_keeps", tools.words.turn, turns, [true, false])),
    told(Object.values(who).flatMap(Object.values), (state) => who[turn(state)][place(state)]));
}

/** The candidate's second bias. */
const secondBias = (tools) => control(tools, {
  symbol: "b_hn", label: "", ...ends(tools.settings.b_hn), onvalue: (b_hn) => tools.change({ b_hn }),
}, ({ b_hn }) => b_hn, (state) => ({ label: tools.words.b_hn(state) }));

const controls = (tools) => [
  ...gateControls(tools, GATES, (state) => (state.gate === "z" ? turn(state) : state.gate)), // z means what the convention says
  secondBias(tools),
  inputControl(tools),
  lengthControl(tools),
  conventions(tools),
];

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries([...GATES, "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    ...state, ...values, pytorch: isPytorchs(state), drift: brief(result.largest), worst: result.worst + 1,
    direct: brief(result.direct[k]), whole: brief(result.whole[k]),
  });
}

// --- the same numbers in Python

export const code = cellPrograms("GRU", (state, words) => ({ own: isPytorchs(state), bias: words.b_hn(state) }));

/** What was computed, by the names that the face has for it. */
export const names = (state, result) => ({ hidden_states: result.h, gates: result });

export default explorer({
  cursors: ["gradient", "gate", "step"],
  settle,
  compute, names,
  stage,
  controls,
  choice: gradientChoice,
  formula,
  status: gradientStatus,
  summary,
  code,
});
