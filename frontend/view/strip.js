/**
 * States over time: one column is one step. Lanes are drawn from arrays and know no
 * model; a lane is an SVG group with an `update`.
 */

import { signColour, strength, textOn } from "./colour.js";
import { partsOf, patch, repeat, svg } from "./dom.js";
import { short } from "./number.js";
import { within } from "./shape.js";

/** Where the columns stand in a drawing of a given width. */
export function columns(width, count, { left, right = 4 }) {
  const pitch = (width - left - right) / count;
  return {
    count, pitch, left, end: width - right,
    x: (k) => left + pitch * (k + 0.5),
    at: (px) => within(Math.floor((px - left) / pitch), [0, count - 1]),
  };
}

/** To a tenth of a pixel. */
export const round = (value) => Math.round(value * 10) / 10;

/** A circle as a part of a path. */
export const circle = (x, y, r) => `M${round(x - r)} ${round(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

/** A group of paths, one for each name, of the class u-NAME; `draw` takes what they are by name. */
export function pathGroup(look, names) {
  const paths = names.map((name) => svg("path", { class: `u-${name}` }));
  return {
    paths,
    element: svg("g", { class: look }, ...paths),
    draw: (d) => names.forEach((name, n) => patch(paths[n], { d: d[name] ?? "" })),
  };
}

/** The end of a signed scale that holds all the values: 1, 2, 5, 10 ... at most `cap`. */
export function signedLimit(values, cap = 100) {
  const largest = Math.max(1, ...values.filter(Number.isFinite).map(Math.abs));
  for (let power = 1; power < cap; power *= 10) {
    for (const step of [1, 2, 5]) if (largest <= step * power) return step * power;
  }
  return cap;
}

/** The soft band over the chosen column. */
export function cursorBand() {
  const element = svg("rect", { class: "u-band", rx: 7 });
  return {
    element,
    update({ cols, at, top, bottom }) {
      const width = Math.max(cols.pitch - 2, 10);
      patch(element, { x: round(cols.x(at) - width / 2), width: round(width), y: top, height: bottom - top });
    },
  };
}

/** A signed axis: its zero line and both ends, labelled. */
export function signedAxis() {
  const element = svg("g", { class: "u-axis" });
  return {
    element,
    update({ cols, zero, half, limit, labels = true }) {
      const ends = [0, 1, -1];
      repeat(element, 3, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" })));
      partsOf(element).forEach((group, k) => {
        const y = round(zero - ends[k] * half);
        const [line, text] = partsOf(group);
        patch(line, { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": ends[k] ? "2 4" : null });
        patch(text, { x: cols.left - 8, y: y + 4, text: labels ? short(ends[k] * limit).replace(/\.0+$/, "") : "" });
      });
    },
  };
}

/** A rectangle with slightly rounded corners, of a radius of at most `most`, as a part of a path. */
export function bar(x, y, width, height, most = 2) {
  // of a thin bar no corner is seen, and a hundred of them are long to write and to read
  if (width < 5) return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${-round(width)}z`;
  const r = Math.min(most, width / 2, height / 2);
  const [w, h] = [round(width - 2 * r), round(height - 2 * r)];
  return `M${round(x + r)} ${round(y)}h${w}q${r} 0 ${r} ${r}v${h}q0 ${r} ${-r} ${r}h${-w}q${-r} 0 ${-r} ${-r}v${-h}q0 ${-r} ${r} ${-r}z`;
}

/**
 * Signed bars about a zero line. What lies beyond `limit` is cut off and marked with a
 * double stroke; infinity fills the lane; NaN is a cross.
 *
 * All bars of a sign are one path, and so are all ghosts: while something is dragged, the
 * browser restyles and lays out a few elements, not hundreds.
 * @param {{handles?: boolean}} [options] handles: a ring at the end of each bar
 */
export function barLane({ handles = false } = {}) {
  const { element, draw } = pathGroup("u-bars", ["above", "below", "cut", "cross", "ghost"]);
  const rings = svg("g");
  element.append(rings);
  return {
    element,
    update({ cols, zero, half, limit, values, ghost = null }) {
      const width = within(cols.pitch * 0.55, [2, 16]);
      const end = (value) => zero - within(value / limit, [-1, 1]) * half;
      const d = { above: "", below: "", cut: "", cross: "", ghost: "" };
      const wide = round(width + 6);
      values.forEach((value, k) => {
        const left = cols.x(k) - width / 2;
        const y = Number.isNaN(value) ? zero : end(value);
        const side = round(left - 3);
        if (value) d[value < 0 ? "below" : "above"] += bar(left, Math.min(y, zero), width, Math.max(1.5, Math.abs(y - zero)));
        if (Math.abs(value) > limit) d.cut += `M${side} ${round(y + Math.sign(value) * 7)}l${wide} -4m0 5l${-wide} 4`;
        if (Number.isNaN(value)) d.cross += `M${round(cols.x(k) - 4)} ${zero - 4}l8 8m0 -8l-8 8`;
        const past = ghost?.[k];
        if (past !== undefined && !Number.isNaN(past) && Math.abs(end(past) - y) > 0.8) d.ghost += `M${side} ${round(end(past))}h${wide}`;
      });
      draw(d);
      if (!handles) return;
      repeat(rings, values.length, () => svg("circle", { class: "u-handle" })).forEach((ring, k) => {
        patch(ring, { cx: round(cols.x(k)), cy: round(end(values[k])), r: cols.pitch < 14 ? 3.5 : 5.5 });
      });
    },
  };
}

/** What has been added up from the last value to each one: as many sums, and a 0 after them. */
export function runningSums(values) {
  const sums = [...values, 0];
  for (let k = values.length - 1; k >= 0; k--) sums[k] += sums[k + 1];
  return sums;
}

/**
 * Shares of a sum, added up from right to left: each bar starts where the one to its right
 * ended, and the whole stands at the left. Cut off and crossed as in `barLane`.
 *
 * What lies before column `from` is pale: not added yet. `uncut` are the shares that another
 * sum would have, drawn in dashes with their whole where they differ; null for none.
 */
export function sumLane() {
  const names = ["pale-above", "pale-below", "above", "below", "lost-above", "lost-below"];
  const boxes = Object.fromEntries(names.map((name) =>
    [name, svg("path", { class: name.split("-").map((word) => `u-${word}`).join(" ") })]));
  const others = Object.fromEntries([["levels", "u-levels"], ["cuts", "u-cut"], ["crosses", "u-cross"], ["ghosts", "u-ghost"]]
    .map(([name, kind]) => [name, svg("path", { class: kind })]));
  const paths = { ...boxes, ...others };
  const element = svg("g", { class: "u-bars" }, others.levels, ...names.map((name) => boxes[name]), others.cuts, others.crosses, others.ghosts);
  return {
    element,
    update({ cols, zero, half, limit, shares, whole, from = 0, uncut = null, ghost = null }) {
      const width = within(cols.pitch * 0.55, [2, 16]);
      const height = (value) => zero - within(value / limit, [-1, 1]) * half;
      const d = Object.fromEntries(Object.keys(paths).map((name) => [name, ""]));
      const box = (kind, x, start, end) => {
        const [a, b] = [height(start), height(end)];
        if (start !== end) d[`${kind}${end < start ? "below" : "above"}`] += bar(x - width / 2, Math.min(a, b), width, Math.max(1.5, Math.abs(a - b)));
      };
      const now = runningSums(shares);
      const add = (values, kinds, marked) => {
        const sums = runningSums(values);
        values.forEach((value, k) => {
          const x = cols.x(k);
          if (!marked && sums[k] === now[k]) return;
          if (Number.isNaN(sums[k])) {
            if (marked) d.crosses += `M${round(x - 4)} ${zero - 4}l8 8m0 -8l-8 8`;
          } else {
            box(kinds(k), x, sums[k + 1], sums[k]);
            const last = k === 0 ? whole : cols.x(k - 1);
            d.levels += `M${round(x + width / 2)} ${round(height(sums[k]))}H${round(last + width / 2)}`;
            if (marked && Math.abs(sums[k]) > limit) {
              d.cuts += `M${round(x - width / 2 - 3)} ${round(height(sums[k]) + Math.sign(sums[k]) * 7)}l${round(width + 6)} -4m0 5l${-round(width + 6)} 4`;
            }
          }
        });
        if (!Number.isNaN(sums[0])) box(kinds(from), whole, 0, sums[0]);
      };
      if (uncut) add(uncut, () => "lost-", false);
      add(shares, (k) => (k < from ? "pale-" : ""), true);
      if (ghost) {
        const past = runningSums(ghost);
        for (let k = 0; k < Math.min(shares.length, ghost.length); k++) {
          const y = height(past[k]);
          if (Math.abs(y - height(now[k])) > 0.8) d.ghosts += `M${round(cols.x(k) - width / 2 - 3)} ${round(y)}h${round(width + 6)}`;
        }
      }
      for (const [name, path] of Object.entries(paths)) patch(path, { d: d[name] });
    },
  };
}

/**
 * The height of a number beyond the end of a signed bar, away from zero but within its lane.
 * @param {{zero: number, half: number, limit: number}} lane as for `barLane`
 * @param {number} end the value at which the bar ends
 * @param {boolean} [below] where the bar is one of a sum: does it hang below zero?
 */
export function beyondBar({ zero, half, limit }, end, below = end < 0) {
  const y = zero - within((end || 0) / limit, [-1, 1]) * half;
  return below ? Math.min(y + 14, zero + half + 12) : Math.max(y - 5, zero - half - 3);
}

/** Texts in a drawing, each about its middle; `attributes` are of the group that holds them. */
export function textLane(attributes = {}) {
  const element = svg("g", attributes);
  return {
    element,
    /** @param {[number, number, string, string?][]} texts across, down, what it says, and its class */
    update(texts) {
      repeat(element, texts.length, () => svg("text", { "text-anchor": "middle" })).forEach((node, n) => {
        const [x, y, text, look = null] = texts[n];
        patch(node, { x: x.toFixed(1), y: y.toFixed(1), text, class: look });
      });
    },
  };
}

/** The cells: signed marks, with their value where there is room for it. */
export function cellLane() {
  const element = svg("g", { class: "u-cells" });
  const under = svg("path", { class: "u-zero" });
  const marks = svg("g");
  const texts = svg("g");
  element.append(under, marks, texts);
  return {
    element,
    values: [marks, texts], // what tells how large they are
    /** @returns {number} half the width of a cell, so that arrows can stop there */
    update({ cols, y, limit, values, numbers, text = short }) {
      const width = numbers ? Math.min(42, cols.pitch - 9) : within(cols.pitch * 0.6, [3, 15]);
      const height = numbers ? 30 : width;
      // text is dear to lay out: there is none where none is shown
      const shown = repeat(texts, numbers ? values.length : 0, () => svg("text", { "text-anchor": "middle" }));
      let places = "";
      repeat(marks, values.length, () => svg("rect")).forEach((mark, k) => {
        const value = values[k];
        const x = cols.x(k);
        const share = Number.isNaN(value) ? 0 : Math.abs(value) / limit;
        const opacity = round(strength(share) * 100) / 100;
        const radius = numbers ? 11 : width / 2;
        places += `M${x - width / 2 + radius} ${y - height / 2}h${width - 2 * radius}a${radius} ${radius} 0 0 1 0 ${height}`
          + `h${2 * radius - width}a${radius} ${radius} 0 0 1 0 ${-height}z`;
        patch(mark, {
          x: round(x - width / 2), y: y - height / 2, width: round(width), height: round(height), rx: radius,
          style: `fill:${signColour(value)}`, "fill-opacity": opacity,
        });
        if (numbers) {
          patch(shown[k], { x: round(x), y: y + 4.5, text: text(value), style: `fill:${textOn(value, opacity)}` });
        }
      });
      patch(under, { d: places });
      return width / 2;
    },
  };
}

/** What stands before the first step: a round cell without a number. */
export function startCell() {
  const [under, over] = [svg("circle", { class: "u-zero" }), svg("circle")];
  return {
    element: svg("g", { class: "u-cells" }, under, over),
    update({ x, y, radius, value, limit }) {
      const share = Math.min(1, Math.abs(value) / limit);
      patch(under, { cx: x, cy: y, r: radius });
      patch(over, { cx: x, cy: y, r: radius, style: `fill:${signColour(value)}`, "fill-opacity": strength(share || 0) });
    },
  };
}

/**
 * A horizontal arrow as a path, to the right or to the left: shaft and head, or only the shaft
 * where it is short.
 */
export function arrowPath(from, to, y) {
  const shaft = `M${round(from)} ${y}H${round(to)}`;
  const head = Math.sign(to - from) * 4.5;
  return Math.abs(to - from) < 8 ? shaft : `${shaft}m${-head} -3.5l${head} 3.5l${-head} 3.5`;
}

/** A symbol with a subscript, in a drawing. */
export function symbolText(letter, index) {
  const italic = svg("tspan", { "font-style": "italic", text: letter });
  return svg("text", { class: "u-symbol", "text-anchor": "middle" }, italic,
    svg("tspan", { dy: 3, "font-size": "10", text: index }));
}

/** The steps' numbers below their columns: all of them, or where they are close, some and the chosen one. */
export function tickLane() {
  const element = svg("g", { class: "u-ticks" });
  return {
    element,
    /** @param {{gap?: number, every?: number}} place gap: how near to the chosen number another may stand */
    update({ cols, at, y, gap = 16, every = cols.pitch >= 18 ? 1 : 5 }) {
      const numbered = Array.from({ length: cols.count }, (_, k) => k).filter((k) => k === at
        || ((k + 1) % every === 0 && (every === 1 || Math.abs(k - at) * cols.pitch >= gap)));
      repeat(element, numbered.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
        const k = numbered[n];
        patch(text, { x: cols.x(k).toFixed(1), y, class: k === at ? "u-chosen" : "", text: String(k + 1) });
      });
    },
  };
}

/** Names of rows at the left of a drawing. */
export function nameLane() {
  const element = svg("g", { class: "u-rows" });
  return {
    element,
    /** @param {[string, number][]} names with the heights of what they name */
    update(names) {
      repeat(element, names.length, () => svg("text", { x: 0 })).forEach((text, k) => {
        patch(text, { y: names[k][1] + 4, text: names[k][0] });
      });
    },
  };
}
