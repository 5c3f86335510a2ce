/**
 * States over time: one column is one step. Lanes are drawn from arrays and know no
 * model; a lane is an SVG group with an `update`.
 */

import { signColour, strength, textOn } from "./colour.js";
import { patch, repeat, svg } from "./dom.js";
import { short } from "./number.js";

/** Where the columns stand in a drawing of a given width. */
export function columns(width, count, { left, right = 4 }) {
  const pitch = (width - left - right) / count;
  return {
    count, pitch, left, end: width - right,
    x: (k) => left + pitch * (k + 0.5),
    at: (px) => Math.min(count - 1, Math.max(0, Math.floor((px - left) / pitch))),
  };
}

const round = (value) => Math.round(value * 10) / 10;

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
      element.childNodes.forEach((group, k) => {
        const y = round(zero - ends[k] * half);
        const [line, text] = group.childNodes;
        patch(line, { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": ends[k] ? "2 4" : null });
        patch(text, { x: cols.left - 8, y: y + 4, text: labels ? short(ends[k] * limit).replace(/\.0+$/, "") : "" });
      });
    },
  };
}

/**
 * Signed bars about a zero line. What lies beyond `limit` is cut off and marked with a
 * double stroke; infinity fills the lane; NaN is a cross.
 * @param {{handles?: boolean}} [options] handles: a ring at the end of each bar
 */
export function barLane({ handles = false } = {}) {
  const element = svg("g", { class: "u-bars" });
  const make = () =>
    svg("g", {}, svg("rect", { rx: 2 }), svg("path", { class: "u-cut" }), svg("path", { class: "u-ghost" }),
      ...(handles ? [svg("circle", { class: "u-handle" })] : []));
  return {
    element,
    update({ cols, zero, half, limit, values, ghost = null }) {
      const width = Math.min(16, Math.max(2, cols.pitch * 0.55));
      const end = (value) => zero - Math.max(-1, Math.min(1, value / limit)) * half;
      repeat(element, values.length, make).forEach((group, k) => {
        const [bar, cut, was, handle] = group.childNodes;
        const value = values[k];
        const x = cols.x(k);
        const y = Number.isNaN(value) ? zero : end(value);
        const thick = value === 0 ? 0 : Math.max(1.5, Math.abs(y - zero));
        patch(bar, {
          x: round(x - width / 2), width: round(width), y: round(Math.min(y, zero)), height: round(thick),
          style: `fill:${signColour(value)}`,
        });
        const beyond = Math.abs(value) > limit;
        const inward = Math.sign(value) * 7;
        patch(cut, {
          d: beyond ? `M${round(x - width / 2 - 3)} ${round(y + inward)}l${round(width + 6)} -4m0 5l-${round(width + 6)} 4`
            : Number.isNaN(value) ? `M${round(x - 4)} ${zero - 4}l8 8m0 -8l-8 8` : null,
          "data-nan": Number.isNaN(value),
        });
        const past = ghost?.[k];
        const shown = past !== undefined && !Number.isNaN(past) && Math.abs(end(past) - y) > 0.8;
        patch(was, {
          d: shown ? `M${round(x - width / 2 - 3)} ${round(end(past))}h${round(width + 6)}` : null,
        });
        if (handle) patch(handle, { cx: round(x), cy: round(y), r: cols.pitch < 14 ? 3.5 : 5.5 });
      });
    },
  };
}

/** The cells: signed marks, with their value where there is room for it. */
export function cellLane() {
  const element = svg("g", { class: "u-cells" });
  const make = () => svg("g", {}, svg("rect"), svg("rect"), svg("text", { "text-anchor": "middle" }));
  return {
    element,
    /** @returns {number} half the width of a cell, so that arrows can stop there */
    update({ cols, y, limit, values, numbers }) {
      const width = numbers ? Math.min(42, cols.pitch - 9) : Math.max(3, Math.min(15, cols.pitch * 0.6));
      const height = numbers ? 30 : width;
      repeat(element, values.length, make).forEach((group, k) => {
        const [under, over, text] = group.childNodes;
        const value = values[k];
        const x = cols.x(k);
        const share = Number.isNaN(value) ? 0 : Math.abs(value) / limit;
        const opacity = round(strength(share) * 100) / 100;
        const box = {
          x: round(x - width / 2), y: y - height / 2, width: round(width), height: round(height), rx: numbers ? 11 : width / 2,
        };
        patch(under, { ...box, class: "u-zero" });
        patch(over, { ...box, style: `fill:${signColour(value)}`, "fill-opacity": opacity });
        patch(text, {
          x: round(x), y: y + 4.5, text: numbers ? short(value) : "", style: `fill:${textOn(value, opacity)}`,
        });
      });
      return width / 2;
    },
  };
}

/** A horizontal arrow as a path: shaft and head, or only the shaft where it is short. */
export function arrowPath(from, to, y) {
  const shaft = `M${round(from)} ${y}H${round(to)}`;
  return to - from < 8 ? shaft : `${shaft}m-4.5 -3.5l4.5 3.5l-4.5 3.5`;
}

/** A symbol with a subscript, in a drawing. */
export function symbolText(letter, index) {
  const italic = svg("tspan", { "font-style": "italic", text: letter });
  return svg("text", { class: "u-symbol", "text-anchor": "middle" }, italic,
    svg("tspan", { dy: 3, "font-size": "10", text: index }));
}
