/** A unit that counts pulses: the front end of the smallest room. */

import { run } from "#core/rnn.js";
import { lengthControl, settingControl } from "#view/controls.js";
import { patch, svg } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { fixed, literal, literals } from "#view/number.js";
import { barLane, columns, signedAxis, signedLimit } from "#view/strip.js";


/** The count after each step, from the tested cell. */
export function compute({ x, keep }) {
  const cell = { W_x: [[1]], W_h: [[keep]], b: [0], activation: "identity" };
  return { counts: run(cell, x.map((value) => [value])).map(([value]) => value) };
}

const summary = ({ result, words }) => words.summary({ last: fixed(result.counts.at(-1)) });

function stage() {
  const [axis, bars, floor] = [signedAxis(), barLane(), svg("line", { class: "floor" })];
  const element = svg("svg", { role: "img" }, axis.element, floor, bars.element);
  function update(view) {
    const { result: { counts }, ghost, width } = view;
    const place = { cols: columns(width, counts.length, { left: 40 }), zero: 60, half: 50, limit: signedLimit(counts) };
    patch(element, { width, height: 120, viewBox: `0 0 ${width} 120`, "aria-label": view.label });
    patch(floor, { x1: place.cols.left, x2: place.cols.end, y1: 60, y2: 60 });
    axis.update(place);
    bars.update({ ...place, values: counts, ghost: ghost?.counts });
  }
  return { element, update };
}

const controls = (tools) => [
  settingControl(tools, "keep", { label: tools.words.keepControl }), lengthControl(tools),
];

const copyNumpy = ({ x, keep }, words) => `# ${words.comment}
h = 0.0
for x_t in ${literals(x)}:
    h = x_t + ${literal(keep)} * h
    print(f"{h:z.2f}")
`;

export const code = { copyNumpy };

export default explorer({ compute, stage, controls, summary, code });
