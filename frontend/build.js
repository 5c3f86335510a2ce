/**
 * The bundles, from the sources: for every room (a folder of explorers/ with a front.js) one
 * module and its style, the site's host, its first script and its search, and one style sheet
 * with the design tokens as custom properties and the floors' style.
 * `node frontend/build.js [folder [explorers]]`: where they go, and where the rooms are; the
 * Python package's own unless others are named.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const package_ = join(here, "../src/unrolled");
const rooms = resolve(process.argv[3] ?? join(package_, "explorers"));
const out = resolve(process.argv[2] ?? join(rooms, "bundles"));
mkdirSync(out, { recursive: true });

const target = ["es2021", "chrome100", "firefox100", "safari15"];
/** Statements with the label `author` ask what the tests ask of the sources, and no reader's bundle needs to. */
const dropLabels = ["author"];
const options = { bundle: true, minify: true, target, charset: "utf8", dropLabels, legalComments: "none", absWorkingDir: here };
/** The smallest form of a script, which esbuild has made one of. */
async function shrink(file, module) {
  const { code } = await minify(readFileSync(file, "utf8"), {
    module, ecma: 2020, compress: { passes: 3, pure_getters: true, unsafe_arrows: true, keep_fargs: false },
  });
  writeFileSync(file, `${code}\n`);
}
const written = (file, source) => transform(source, { loader: "css", minify: true, target })
  .then(({ code }) => writeFileSync(join(out, file), code));

for (const room of readdirSync(rooms)) {
  const folder = join(rooms, room);
  if (!existsSync(join(folder, "front.js"))) continue;
  // a room that cannot be built does not keep the others from it
  const outfile = join(out, `${room}.mjs`);
  await build({
    ...options, stdin: { contents: 'export { default } from "./front.js";', resolveDir: folder }, format: "esm", outfile,
  }).then(() => shrink(outfile, true)).catch(() => (process.exitCode = 1));
  const style = join(folder, "style.css");
  await written(`${room}.css`, existsSync(style) ? readFileSync(style, "utf8") : "");
}
/** A classic script of the site's; `above` stands over it. */
async function classic(source, above = "") {
  const outfile = join(out, source.split("/")[1]);
  await build({ ...options, entryPoints: [`./${source}`], format: "iife", outfile });
  await shrink(outfile, false);
  writeFileSync(outfile, above + readFileSync(outfile, "utf8"));
}
await classic("host/host.js");
await classic("host/start.js");

// --- the style sheet: tokens, light and dark, on every host's own switch; then the floors'
const tokens = JSON.parse(readFileSync(join(package_, "tokens.json"), "utf8"));
const ink = { w: "#fff", b: "#000" };
const properties = (theme) => [
  ...Object.entries(tokens[theme]).map(([name, colour]) => `--unrolled-${name}:${colour}`),
  ...["ww", "wb", "bw", "bb"].map((pair) => `--unrolled-on-${pair}:${ink[pair[theme === "light" ? 0 : 1]]}`),
  `--unrolled-scheme:${theme}`,
].join(";");
const dark = ["html[data-theme=dark]", "body[data-jp-theme-light=false]", "html[theme=dark]", "body.vscode-dark"];
await written("explorers.css", `:root{${properties("light")}}
@media not print{${dark.join(",")}{${properties("dark")}}}
${readdirSync(join(here, "view")).filter((file) => file.endsWith(".css")).map((file) => readFileSync(join(here, "view", file), "utf8")).join("")}`);

// --- the search, with the licence of the library that is in it
const licence = join(here, "../node_modules/minisearch/LICENSE.txt");
await classic("search/search.js", `/* With MiniSearch. ${readFileSync(licence, "utf8").trim()} */\n`);
