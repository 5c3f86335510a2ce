/**
 * Colour by value. Marks take their colours from the style sheet's custom
 * properties; what is computed here is only how strong a colour is, and whether
 * black or white text can be read on it, in each palette.
 */

import tokens from "../../src/unrolled/tokens.json" with { type: "json" };

/** @param {string} hex @returns {number[]} red, green, blue from 0 to 255 */
export const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** The colour `over` laid upon `under` with an opacity from 0 to 1. */
export function blend(under, over, opacity) {
  return rgb(under).map((value, k) => value + (rgb(over)[k] - value) * opacity);
}

function luminance(colour) {
  const [r, g, b] = colour.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2 contrast of two colours, from 1 to 21. */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** How opaque the signed colour is over the colour of zero: `share` is |value| / scale. */
export const strength = (share) => (share === 0 ? 0 : 0.18 + 0.82 * Math.min(1, share));

/** The custom property that colours a signed value. */
export const signColour = (value) =>
  `var(--unrolled-${value < 0 ? "negative" : value > 0 ? "positive" : "zero"})`;

/**
 * The custom property with which text on a signed mark reads best in both palettes:
 * `--unrolled-on-wb` is white on the light page's mark, black on the dark page's.
 */
export function textOn(value, opacity) {
  const letter = (palette) => {
    const mark = blend(palette.zero, value < 0 ? palette.negative : palette.positive, opacity);
    return contrast(mark, [0, 0, 0]) >= contrast(mark, [255, 255, 255]) ? "b" : "w";
  };
  return `var(--unrolled-on-${letter(tokens.light)}${letter(tokens.dark)})`;
}
