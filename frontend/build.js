/**
 * The bundles, from the sources: for every explorer a module (notebooks) and a classic
 * script that registers itself (the site), the site's host, and one style sheet with the
 * design tokens as custom properties. `node build.js [folder]`; the folder is where the
 * Python package keeps them unless another is named.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../src/unrolled/explorers/bundles");
mkdirSync(out, { recursive: true });

const options = { bundle: true, minify: true, target: "es2021", charset: "utf8", legalComments: "none", absWorkingDir: here };

for (const file of readdirSync(join(here, "explorers"))) {
  const name = file.replace(/\.js$/, "");
  const source = `./explorers/${file}`;
  await build({ ...options, entryPoints: [source], format: "esm", outfile: join(out, `${name}.mjs`) });
  await build({
    ...options,
    stdin: {
      contents: `import it from "${source}";
        const home = (globalThis.unrolled ??= {});
        (home.explorers ??= {})["${name}"] = it;`,
      resolveDir: here,
    },
    format: "iife",
    outfile: join(out, `${name}.js`),
  });
}
await build({ ...options, entryPoints: ["./host/host.js"], format: "iife", outfile: join(out, "host.js") });

// --- the style sheet: tokens, light and dark, on every host's own switch; then the explorers'
const tokens = JSON.parse(readFileSync(join(here, "../src/unrolled/tokens.json"), "utf8"));
const ink = { w: "#fff", b: "#000" };
const properties = (theme) => [
  ...Object.entries(tokens[theme]).map(([name, colour]) => `--unrolled-${name}:${colour}`),
  ...["ww", "wb", "bw", "bb"].map((pair) => `--unrolled-on-${pair}:${ink[pair[theme === "light" ? 0 : 1]]}`),
  `--unrolled-scheme:${theme}`,
].join(";");
const dark = ["html[data-theme=dark]", "body[data-jp-theme-light=false]", "html[theme=dark]", "body.vscode-dark"];
const css = `:root{${properties("light")}}
${dark.join(",")}{${properties("dark")}}
${readFileSync(join(here, "view/explorer.css"), "utf8")}`;
writeFileSync(join(out, "explorers.css"), (await transform(css, { loader: "css", minify: true })).code);
