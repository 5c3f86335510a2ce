/**
 * One LSTM unit, unrolled over 2 to 40 steps: the cell state as a band with valves and taps, and
 * the cell itself, at the chosen step, as a circuit: the front end of its room.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, preactivation, run, signals } from "#core/lstm.js";
import { bandStage } from "#view/band.js";
import { inputControl, lengthControl } from "#view/controls.js";
import { explorer } from "#view/explorer.js";
import { sumLine } from "#view/formula.js";
import { backLines, cellPrograms, gateControls, gateLine, gradientChoice, gradientStatus, lifeLine, settle, valuesOf } from "#view/gated.js";
import { bandLimit } from "#view/gates.js";
import { brief, fixed } from "#view/number.js";
import { symbols } from "#view/slider.js";

/**
 * Every gate and state by name, a list of T numbers each; `sums` is what a gate's sigmoid (of
 * g: tanh) would be applied to. `kept` is f_t c_{t-1}, `written` i_t g_t and
 * `squashed` tanh c_t. Of c_T: `direct` is its derivative by c_t along the band alone, `whole`
 * through everything, and `through` its derivative by h_t.
 */
export function compute(state) {
  const cell = stacked(GATES.map((gate) => state[gate]));
  const clamp = { i: state.clamp_i, f: state.clamp_f, o: state.clamp_o };
  const steps = run(cell, state.x.map((value) => [value]), [0], [0], { clamp });
  const back = signals(cell, steps, null, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  return {
    ...Object.fromEntries([...GATES, "c", "h"].map((name) => [name, steps.map((one) => one[name][0])])),
    sums: Object.fromEntries(GATES.map((gate) => [gate, steps.map(({ from }) => preactivation(cell, gate, from.x, from.h, from.c)[0])])),
    kept: steps.map(({ f, from }) => f[0] * from.c[0]),
    written: steps.map(({ i, g }) => i[0] * g[0]),
    squashed: steps.map(({ c }) => Math.tanh(c[0])),
    direct: alongBand(steps.map(({ f }) => f[0])),
    whole: back.c.map(([value]) => value),
    through: back.h.map(([value]) => value),
  };
}

// --- the drawing

const stage = (tools) => bandStage(tools, ({ result: { c } }) => ({ limit: bandLimit(c) }), () => "f");

// --- the formula

function formula(view) {
  const { state, result, words } = view;
  const n = state.step;
  const at = valuesOf(state, result);
  return [
    gateLine(view, result, state.gate === "g"),
    sumLine(words.lines.c, `c_${n} = f_${n} × c_${n - 1} + i_${n} × g_${n}`, at),
    sumLine(words.lines.h, `h_${n} = o_${n} × tanh c_${n}`, at),
    lifeLine(words, "c", `f_${n}`, at(`f_${n}`)),
    ...(state.gradient === "off" ? [] : backLines(view, {
      letter: "c", valve: (step) => `f_${step}`, more: `o_${n} × (1 − tanh² c_${n}) × H_${n}`, values: { H: result.through },
      written: (to) => [...symbols(` + o_${n} (1 − tanh² c_${n}) `), to("h", n)],
    })),
  ];
}

// --- the controls

const controls = (tools) => {
  const { meanings } = tools.words;
  return [
    ...gateControls(tools, { gates: GATES, compute, meanings: Object.values(meanings), meaning: ({ gate }) => meanings[gate] }),
    inputControl(tools),
    lengthControl(tools),
  ];
};

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries(["i", "f", "o", "c", "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    step: state.step, ...values, gradient: state.gradient, direct: brief(result.direct[k]), whole: brief(result.whole[k]),
  });
}

// --- the same numbers in Python

export const code = cellPrograms("LSTM", () => ({ own: true }));

/** What was computed, by the names that the face has for it. */
export const names = (state, result) => ({ hidden_states: result.h, cell_states: result.c, gates: result });

export default explorer({
  cursors: ["gradient", "gate", "step"],
  settle,
  compute, names,
  stage,
  controls,
  choice: gradientChoice("c"),
  formula,
  status: gradientStatus,
  summary,
  code,
});
