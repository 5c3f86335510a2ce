/**
 * One LSTM unit, unrolled over 2 to 40 steps: the cell state as a band with valves and taps, and
 * the cell itself, at the chosen step, as a circuit: the front end of its room.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, run, signals } from "#core/lstm.js";
import { bandStage } from "#view/band.js";
import { inputControl, lengthControl } from "#view/controls.js";
import { explorer } from "#view/explorer.js";
import { cellFormula, cellPrograms, gateControls, gradientChoice, gradientStatus, settle } from "#view/gated.js";
import { brief, fixed } from "#view/number.js";

/**
 * Every gate and state by name, a list of T numbers each. `kept` is f_t c_{t-1}, `written` i_t g_t
 * and `squashed` tanh c_t. Of c_T: `direct` is its derivative by c_t along the band alone, `whole`
 * through everything, and `by.H` its derivative by h_t.
 */
export function compute(state) {
  const cell = stacked(GATES.map((gate) => state[gate]));
  const clamp = { i: state.clamp_i, f: state.clamp_f, o: state.clamp_o };
  const steps = run(cell, state.x.map((value) => [value]), [0], [0], { clamp });
  const back = signals(cell, steps, null, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  return {
    ...Object.fromEntries([...GATES, "c", "h"].map((name) => [name, steps.map((one) => one[name][0])])),
    kept: steps.map(({ f, from }) => f[0] * from.c[0]),
    written: steps.map(({ i, g }) => i[0] * g[0]),
    squashed: steps.map(({ c }) => Math.tanh(c[0])),
    direct: alongBand(steps.map(({ f }) => f[0])),
    whole: back.c.map(([value]) => value),
    by: { H: back.h.map(([value]) => value) },
  };
}

// --- the controls

const controls = (tools) => [...gateControls(tools, GATES), inputControl(tools), lengthControl(tools)];

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries(["i", "f", "o", "c", "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    ...state, ...values, direct: brief(result.direct[k]), whole: brief(result.whole[k]),
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
  stage: (tools) => bandStage(tools),
  controls,
  choice: gradientChoice,
  formula: (view) => cellFormula(view),
  status: gradientStatus,
  summary,
  code,
});
