import js from "@eslint/js";
import globals from "globals";

const layer = (files, forbidden) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: forbidden }] },
});

export default [
  { ignores: ["**/node_modules/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: { "prefer-const": "error", eqeqeq: "error", "no-var": "error" },
  },
  { files: ["frontend/{view,explorers,host}/**"], languageOptions: { globals: globals.browser } },
  { files: ["frontend/build.js", "tests/**"], languageOptions: { globals: globals.node } },
  // patterns are relative to the repository's root, where `npm run lint` goes; explorers -> view -> core, and the host knows none of them
  layer(["frontend/core/**"], ["**/view/**", "**/explorers/**", "**/host/**"]),
  layer(["frontend/view/**"], ["**/explorers/**", "**/host/**"]),
  layer(["frontend/explorers/**"], ["**/host/**"]),
  layer(["frontend/host/**"], ["**/core/**", "**/view/**", "**/explorers/**"]),
];
