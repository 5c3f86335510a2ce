/**
 * One step of a gated cell as a circuit: wires as thick as what they carry, operations, gates, and
 * numbers. What stands where is data, of a room's plan.json, and no model is known here.
 *
 * @typedef {object} Circuit
 * @property {number} margin at both sides of the cell's frame, where there is room
 * @property {Record<string, number>} rows heights by name, from "edge" down to "input"
 * @property {[string, string][]} taps the gates from left to right, and the row of each
 * @property {Record<string, Parts>} parts what is always there, "", and what conditions add: those of the
 *   settings, as in a program, and "wide"
 *
 * @typedef {object} Parts a place is the name of a row or of a column, "tap-13", or "tap-half", by half
 *   the size of a tap, or the middle of several, "z+6 first-9". A value is a sum of what there is at this
 *   step and at the one before, "h_t" or "r_t × h_s"
 * @property {[string, number][]} [columns] by name, at a share of the frame's width
 * @property {[string, ?string, string?][]} [wires] a way, "M left bus V tap-13"; the value that it
 *   carries, a plain wire without; "gate" where that is a gate's, "limit" where it may be more than 1, or
 *   the gate that cuts it while it is held
 * @property {[string, string, string][]} [nodes] operations: x, y, and a sign or a weight, "w_hn"
 * @property {[string, string, string, string, ?string, ?string, ?string, ?string][]} [labels] x, y, anchor; a symbol,
 *   "h_t" or "h_s" of the step before, or a product; a value; a class; what a click
 *   chooses, a gate or "before"; and the gate that does not heed the value while it is held
 */

import { signColour } from "./colour.js";
import { partsOf, patch, svg } from "./dom.js";
import { evaluate } from "./formula.js";
import { isHeld, valuesOf } from "./gated.js";
import { bandLimit, GAUGE, gauge, lane, noGauges, symbolled, textLane, write } from "./gates.js";
import { fixed, short } from "./number.js";
import { atStep, planned } from "./plan.js";
import { bar, pathGroup, round } from "./strip.js";

/** Wires, as thick as what they carry. */
const wireLane = () => lane("u-circuit", () => svg("path"), (path, [way, name, how], { place, value, limit, state }) => {
  const carried = name ? value(name) : 0;
  const share = Math.min(1, Math.abs(carried) / (how === "limit" ? limit : 1));
  const gate = how === "gate";
  patch(path, {
    d: way.replace(/[a-z]+([+-]\w+)?/g, place), class: isHeld(state, how) ? "u-off" : null,
    "stroke-width": share ? round(1.2 + (gate ? 6 : 8) * share) : 1,
    style: share ? `stroke:${gate ? "var(--unrolled-gate)" : signColour(carried)}` : null,
  });
});

/** A gate that can be clicked; or with a sign, a candidate. */
function newTap() {
  const { element, draw, paths } = pathGroup("u-gates", [...GAUGE, "sign"]);
  const hit = svg("rect", { class: "u-hit" });
  element.append(hit);
  return Object.assign(element, { draw, hit, shell: paths[0], sign: paths.at(-1) });
}

/** Gates, filled as far as they are open; what cannot be held is a candidate, from -1 to 1, filled from the middle. */
const tapLane = () => lane("u-taps", newTap, (tap, [name, row], { places: { size, ...places }, value: valueOf, state, ghost }) => {
  const [x, y, value] = [places[name], places[row], valueOf(`${name}_t`)];
  const signed = !(`clamp_${name}` in state);
  const filled = signed ? (Math.abs(value) * size) / 2 : 0;
  const d = { ...noGauges(), sign: filled > 0.3 ? bar(x - size / 2, value > 0 ? y - filled : y, size, filled, 3) : "" };
  gauge(d, { x, y, width: size, height: size, ...(signed ? { value: 0 } : { value, past: ghost?.[name][state.step - 1] }) });
  tap.draw(d);
  patch(tap.sign, { style: `fill:${signColour(value)}` });
  patch(tap.shell, { class: `u-shell${isHeld(state, name) ? " u-held" : ""}${signed ? " u-signed" : ""}` });
  patch(tap.hit, { x: x - 23, y: y - size / 2 - 4, width: 46, height: size + 34, "data-pick": name });
});

/** Operations, each in a pill. */
const newNode = () => svg("g", {}, svg("rect"), symbolled({ "text-anchor": "middle" }));
const nodeLane = () => lane("u-operations", newNode, (group, [across, down, sign], { place }) => {
  const [x, y, [letter, index]] = [place(across), place(down), sign.split("_")];
  const wide = sign.length > 1 ? 36 : 18;
  const half = index ? 11 : 9; // an index hangs down
  const [pill, text] = partsOf(group);
  patch(pill, { x: round(x - wide / 2), y: y - half, width: wide, height: 2 * half, rx: half });
  patch(text, { x: round(x), y: y + (index ? 3 : 4.5) });
  write(text, index ? { symbol: [letter, index] } : { text: sign });
});

/** The texts of a circuit, as a `textLane` takes them. */
function labelsOf(labels, { place, places, value, words, state, state: { gate, step } }) {
  const title = { x: places.left + 12, y: places.title, text: words.circuit({ step }), look: "u-chosen" };
  return [title, ...labels.map(([x, y, anchor, symbol, own, look, pick, moot]) => {
    const [letter, index = ""] = atStep(symbol, step).split("_");
    return {
      x: place(x), y: place(y), anchor, pick, look: pick === gate ? "u-chosen" : look,
      text: isHeld(state, moot) ? words.held : own ? short(value(own)) : "",
      symbol: [letter, index],
    };
  })];
}

/**
 * Where things stand: the cell's frame, with a `margin` at both sides; what is at a share of its
 * width; the size of a tap; and rows, as much higher or lower as fills the drawing.
 */
function placesIn(width, height, margin, rows) {
  const wide = width >= 560;
  const left = wide ? margin : width < 300 ? 35 : 42;
  const tall = rows.input + 6;
  const share = Math.min(1.2, height / tall);
  const places = Object.fromEntries(Object.entries(rows).map(([name, y]) => [name, Math.round((height - share * tall) / 2 + share * y)]));
  const across = width - 2 * left;
  return {
    ...places, wide, left, start: 0, end: width, size: Math.round(26 * Math.min(1, share)), at: (part) => Math.round(left + part * across),
    frame: { x: left, y: places.edge, width: across, height: places.bus + 12 - places.edge },
  };
}

/**
 * The circuit of the cell at the chosen step; a click chooses a gate, or the step before.
 * @param {import("./explorer.js").Tools} tools
 */
export function cellAt({ change, current, words }) {
  const { strip: { state: band }, circuit: { margin, rows, taps, parts } } = words.plan;
  const frame = svg("rect", { class: "u-cellframe", rx: 12 });
  const [wires, tapped, nodes, labels] = [wireLane(), tapLane(), nodeLane(), textLane()];
  const element = svg("svg", {
    role: "img", class: "u-step", onclick: (event) => {
      const picked = event.target.closest("[data-pick]")?.dataset.pick;
      if (picked) change(picked === "before" ? { step: Math.max(1, current().step - 1) } : { gate: picked });
    },
  }, frame, wires, tapped, nodes, labels);

  function update(view, _, height) {
    const { state, result, width } = view;
    const { step } = state;
    const places = placesIn(width, height, margin, rows);
    const shown = planned(parts, { ...state, wide: places.wide });
    const all = (kind) => shown.flatMap((one) => one[kind] ?? []);
    for (const [name, part] of all("columns")) places[name] = places.at(part);
    const at = valuesOf(state, result);
    const here = {
      ...view, places,
      place(text) {
        const each = text.split(" ").map((one) => one.split(/(?=[+-])/)).map(([name, by = ""]) => places[name] + Number(by.replace("half", places.size / 2)));
        return each.reduce((sum, one) => sum + one) / each.length;
      },
      value(text) {
        return evaluate(atStep(text, step), at);
      },
    };
    const values = Object.fromEntries(taps.map(([name]) => [name, fixed(here.value(`${name}_t`))]));
    const large = all("wires").flatMap(([, name, how]) => (how === "limit" ? here.value(name) : []));
    here.limit = bandLimit([...result[band], ...large].filter(Number.isFinite));
    patch(element, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": words.circuitLabel({ step, ...values }) });
    patch(frame, places.frame);
    wires.update(all("wires"), here);
    tapped.update(taps, here);
    nodes.update(all("nodes"), here);
    labels.update(labelsOf(all("labels"), here));
  }
  return { element, update, tall: rows.input + 6 };
}
