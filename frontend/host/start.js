/** Before anything is painted: light or dark, as the reader chose, or as the system says. */

const { dataset } = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
let mode;
try {
  mode = localStorage.getItem("mode");
} catch {
  // a page in a sandboxed frame has no storage
}
dataset.mode = mode || "auto";
dataset.theme = { light: "light", dark: "dark" }[mode] ?? (dark ? "dark" : "light");
