/**
 * One step of a gated cell as a circuit: wires as thick as what they carry, operations, gates, and
 * numbers. What stands where is data, of a room's plan.json, and no model is known here.
 *
 * @typedef {object} Circuit
 * @property {number} margin at both sides of the cell's frame, where there is room
 * @property {Record<string, number>} rows heights by name, from "edge" down to "input"
 * @property {Record<string, string>} taps the gates from left to right, and the row of each
 * @property {Record<string, Parts>} parts what is always there, "", and what a condition adds: "wide",
 *   and those of the room's own
 *
 * @typedef {object} Parts a place is the name of a row or of a column, "tap-13", or "tap-half", by half
 *   the size of a tap, or the middle of several, "z+6 first-9". A value is a result's at this step, "h",
 *   or at the one before, "h before", what a gate's sigmoid is applied to, "sum z", or one of the room's own
 * @property {[string, number][]} [columns] by name, at a share of the frame's width
 * @property {[string, ?string, string?][]} [wires] a way, "M left bus V tap-13"; the value that it
 *   carries, a plain wire without; "gate" where that is a gate's, the value at which the wire is
 *   thickest, 1 if left out, or the gate that cuts it while it is held
 * @property {[string, string, string][]} [nodes] operations: x, y, and a sign or a weight, "w_hn"
 * @property {[string, string, string, string, ?string, ?string, ?string][]} [labels] x, y, anchor; a symbol,
 *   "h_t" or "h_s" of the step before, or a product, where there is room; a value; a class; and what a click
 *   chooses, a gate or "before"
 */

import { signColour } from "./colour.js";
import { partsOf, patch, repeat, svg } from "./dom.js";
import { isHeld, valuesOf } from "./gated.js";
import { GAUGE, gauge, noGauges, symbolled, textLane, write } from "./gates.js";
import { fixed, short } from "./number.js";
import { bar, pathGroup, round } from "./strip.js";

/** Wires, as thick as what they carry. */
function wireLane() {
  const element = svg("g", { class: "u-circuit" });
  return {
    element,
    update(wires, { place, value, own, state }) {
      repeat(element, wires.length, () => svg("path")).forEach((path, n) => {
        const [way, name, how] = wires[n];
        const carried = name ? value(name) : 0;
        const share = Math.min(1, Math.abs(carried) / (own[how] ?? 1));
        const gate = how === "gate";
        patch(path, {
          d: way.replace(/[a-z]+([+-]\w+)?/g, place), class: isHeld(state, how) ? "u-off" : null,
          "stroke-width": share ? round(1.2 + (gate ? 6 : 8) * share) : 1,
          style: share ? `stroke:${gate ? "var(--unrolled-gate)" : signColour(carried)}` : null,
        });
      });
    },
  };
}

/** A gate that can be clicked; or with a sign, a candidate. */
function newTap() {
  const { element, draw, paths } = pathGroup("u-gates", [...GAUGE, "sign"]);
  const hit = svg("rect", { class: "u-hit" });
  element.append(hit);
  return Object.assign(element, { draw, hit, shell: paths[0], sign: paths.at(-1) });
}

/** Gates, filled as far as they are open; what cannot be held is a candidate, from -1 to 1, filled from the middle. */
function tapLane() {
  const element = svg("g", { class: "u-taps" });
  return {
    element,
    update(taps, { places: { size, ...places }, value: valueOf, state, ghost }) {
      repeat(element, taps.length, newTap).forEach((tap, n) => {
        const [name, row] = taps[n];
        const [x, y, value] = [places[name], places[row], valueOf(name)];
        const signed = !(`clamp_${name}` in state);
        const filled = signed ? (Math.abs(value) * size) / 2 : 0;
        const d = { ...noGauges(), sign: filled > 0.3 ? bar(x - size / 2, value > 0 ? y - filled : y, size, filled, 3) : "" };
        gauge(d, { x, y, width: size, height: size, ...(signed ? { value: 0 } : { value, past: ghost?.[name][state.step - 1] ?? null }) });
        tap.draw(d);
        patch(tap.sign, { style: `fill:${signColour(value)}` });
        patch(tap.shell, { class: `u-shell${isHeld(state, name) ? " u-held" : ""}${signed ? " u-signed" : ""}` });
        patch(tap.hit, { x: x - 23, y: y - size / 2 - 4, width: 46, height: size + 34, "data-pick": name });
      });
    },
  };
}

/** Operations, each in a pill. */
function nodeLane() {
  const element = svg("g", { class: "u-operations" });
  return {
    element,
    update(nodes, { place }) {
      repeat(element, nodes.length, () => svg("g", {}, svg("rect"), symbolled({ "text-anchor": "middle" }))).forEach((group, n) => {
        const [across, down, sign] = nodes[n];
        const [x, y, [letter, index]] = [place(across), place(down), sign.split("_")];
        const wide = sign.length > 1 ? 36 : 18;
        const half = index ? 11 : 9; // an index hangs down
        const [pill, text] = partsOf(group);
        patch(pill, { x: round(x - wide / 2), y: y - half, width: wide, height: 2 * half, rx: half });
        patch(text, { x: round(x), y: y + (index ? 3 : 4.5) });
        write(text, index ? { symbol: [letter, index] } : { text: sign });
      });
    },
  };
}

/** The texts of a circuit, as a `textLane` takes them. */
function labelsOf(labels, { place, places, value, words, state: { gate, step } }) {
  const title = { x: places.left + 12, y: places.title, text: words.circuit({ step }), look: "u-chosen" };
  return [title, ...labels.map(([x, y, anchor, symbol, name, look, pick]) => {
    const [letter, index] = symbol.split("_");
    const own = name ? value(name) : "";
    return {
      x: place(x), y: place(y), anchor, pick, look: pick === gate ? "u-chosen" : look, text: typeof own === "string" ? own : short(own),
      symbol: [places.wide || !letter.includes(" ") ? letter : "", index ? String(index === "t" ? step : step - 1) : ""],
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
 * @param {Circuit} circuit
 * @param {(view: object) => Record<string, number|boolean>} more values and conditions of the room's own
 */
export function cellAt({ change, current }, { margin, rows, taps, parts }, more) {
  const frame = svg("rect", { class: "u-cellframe", rx: 12 });
  const [wires, tapped, nodes, labels] = [wireLane(), tapLane(), nodeLane(), textLane()];
  const gates = Object.entries(taps);
  const element = svg("svg", {
    role: "img", class: "u-step", onclick: (event) => {
      const picked = event.target.closest("[data-pick]")?.dataset.pick;
      if (picked) change(picked === "before" ? { step: Math.max(1, current().step - 1) } : { gate: picked });
    },
  }, frame, wires, tapped, nodes, labels);

  function update(view, _, height) {
    const { state, result, width, words } = view;
    const { step } = state;
    const places = placesIn(width, height, margin, rows);
    const own = { wide: places.wide, ...more(view) };
    const shown = Object.entries(parts).filter(([when]) => !when || own[when]);
    const all = (kind) => shown.flatMap(([, one]) => one[kind] ?? []);
    for (const [name, part] of all("columns")) places[name] = places.at(part);
    const at = valuesOf(state, result);
    const here = {
      ...view, places, own,
      place(text) {
        const each = text.split(" ").map((one) => one.split(/(?=[+-])/)).map(([name, by = ""]) => places[name] + Number(by.replace("half", places.size / 2)));
        return each.reduce((sum, one) => sum + one) / each.length;
      },
      value(text) {
        const [name, past] = text.split(" ");
        if (name === "sum") return isHeld(state, past) ? words.held : result.sums[past][step - 1];
        return own[name] ?? at(`${name}_${past ? step - 1 : step}`);
      },
    };
    const values = Object.fromEntries(gates.map(([name]) => [name, fixed(here.value(name))]));
    patch(element, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": words.circuitLabel({ step, ...values }) });
    patch(frame, places.frame);
    wires.update(all("wires"), here);
    tapped.update(gates, here);
    nodes.update(all("nodes"), here);
    labels.update(labelsOf(all("labels"), here));
  }
  return { element, update, tall: rows.input + 6 };
}
