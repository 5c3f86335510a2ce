/** A two-by-two matrix: its eigenvalues beside the unit circle, and its entries in brackets. */

import { html, patch, repeat, svg } from "./dom.js";
import { fixed, short } from "./number.js";
import { dots, plane } from "./plane.js";
import { signedLimit, symbolText } from "./strip.js";

/** The end of a scale that holds the eigenvalues, and at first the circle. */
export const discLimit = (eigenvalues) => signedLimit(eigenvalues.flatMap(({ re, im }) => [re / 1.25, im / 1.25]));

/** Do two eigenvalues belong together: a complex pair, or two that are the same? */
export const isPair = ([one, other]) => fixed(one.im) !== "0.00" || one.re === other.re;

/** @param {{names: [string, string]}} spec the names of the real and the imaginary axis */
export function eigenvalueDisc({ names }) {
  const disc = plane({ names });
  const circle = svg("circle", { class: "u-rim" });
  const ghostValues = dots();
  ghostValues.element.setAttribute("class", "u-ghost");
  const values = dots();
  disc.inside.append(circle, ghostValues.element, values.element);
  const points = (all) => all.map(({ re, im }) => [re, im]);
  return {
    element: disc.element,
    /** @param {{ghost: object[]|null, ticksUp: boolean, free: boolean}} look free: can they be dragged? */
    update(frame, eigenvalues, { ghost, ticksUp, free }) {
      disc.update(frame, { ticksUp });
      patch(circle, { cx: frame.middle, cy: frame.middle, r: frame.unit });
      ghostValues.update(frame, ghost ? points(ghost) : [], () => ({ r: 6 }));
      values.update(frame, points(eigenvalues), () => ({ r: 6, class: free ? "u-handle" : "u-past" }));
    },
  };
}

/** What lies over a point that can be moved both ways, for a finger to take hold of. */
export const freeGrip = (name) => html("div", { class: "u-grip u-free", "data-grip": name });

/** Puts an element that can be taken hold of over a pixel of a plane, or away. */
export function moveGrip(grip, frame, [px, py]) {
  const shown = frame.holds([px, py]);
  patch(grip, { hidden: !shown, style: shown ? `transform:translate(${frame.x + px - 20}px,${frame.y + py - 20}px)` : null });
}

/** W_h as a matrix in brackets. */
export function matrixMark() {
  const name = symbolText("W", "h");
  name.append(svg("tspan", { dy: -3, text: " =" }));
  const brackets = svg("path", { class: "u-brackets" });
  const entries = svg("g");
  const element = svg("g", { class: "u-matrix" }, name, brackets, entries);
  return {
    element,
    /** `place` is null where there is no room for it. */
    update(place, rows) {
      patch(element, { display: place ? null : "none" });
      if (!place) return;
      const [x, y] = place;
      patch(name, { x: x + 16, y: y + 27 });
      patch(brackets, { d: `M${x + 44} ${y}h-5v44h5M${x + 132} ${y}h5v44h-5` });
      repeat(entries, 4, () => svg("text", { class: "u-strong", "text-anchor": "end" })).forEach((text, k) => {
        patch(text, { x: x + (k % 2 ? 128 : 82), y: y + (k < 2 ? 17 : 36), text: short(rows[k >> 1][k % 2]) });
      });
    },
  };
}

/** Names and values, in as many columns; a value stands at the right of its name, or `stacked` below it. */
export function factsMark() {
  const element = svg("g", { class: "u-facts" });
  return {
    element,
    /** @param {[string, string, boolean?][]} facts a name, its value, and whether that is an answer */
    update([x, y], facts, { columns = 1, stacked = false, width }) {
      repeat(element, 2 * facts.length, (k) => svg("text", { class: k % 2 ? `u-strong${facts[k >> 1][2] ? " u-answer" : ""}` : "" })).forEach((text, n) => {
        const [k, value] = [n >> 1, n % 2];
        const right = value && !stacked;
        patch(text, {
          x: x + (right ? width : (k % columns) * (width / columns)), "text-anchor": right ? "end" : "start",
          y: y + (stacked ? 32 : 20) * Math.floor(k / columns) + (stacked ? 14 * value : 0), text: facts[k][value],
        });
      });
    },
  };
}
