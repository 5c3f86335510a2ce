import js from "@eslint/js";
import globals from "globals";

const ROOMS = "src/unrolled/explorers/*/";

const HERE = "\\./[\\w-]+\\.js";
const DATA = "\\.\\./\\.\\./src/unrolled/[\\w-]+\\.json"; // what Python and JavaScript share
const floor = (name) => `#${name}/[\\w-]+\\.js`;

const dynamic = { selector: "ImportExpression", message: "Import at the top: a bundle is one module." };

/** What these files may import, and nothing else: an arrow that is not here is refused. */
const arrows = (files, ...may) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", {
      patterns: [{
        regex: `^(?!(?:${may.join("|")})$)`,
        message: "A room knows #view and #core, view knows #core, and nobody knows a room: see “The house” in CONTRIBUTING.md.",
      }],
    }],
    "no-restricted-syntax": ["error", dynamic],
  },
});

/** Others may have put nodes of theirs into a drawing, or have moved ours. */
const parts = {
  selector: "MemberExpression[property.name=/^(childNodes|children|(first|last)(Element)?Child|nodeValue)$/]",
  message: "Ask partsOf(element): what the document says are its children may be others'.",
};

/** Three words in a row are for a reader. An error is for the author; Python to copy has a sign in it. */
const sentences = (files, ...more) => ({
  files,
  ignores: ["frontend/view/messages.js"],
  rules: {
    "no-restricted-syntax": ["error", ...["Literal[value", "TemplateElement[value.raw"].map((text) => ({
      selector: `${text}=/^[^=()#\\n]*[A-Za-z’]{2,}[,;:]? [a-z’]{2,}[,;:]? [a-z’]{2,}[^=()#\\n]*$/]:not(ThrowStatement *)`,
      message: "Words are data: write them into words/en.json.",
    })), dynamic, ...more],
  },
});

export default [
  { ignores: ["**/node_modules/", ".venv*/", "_build/", "**/bundles/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: { "prefer-const": "error", eqeqeq: "error", "no-var": "error" },
  },
  {
    files: ["frontend/**", `${ROOMS}*.js`],
    rules: { "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }] }, // a screen
  },
  { files: ["frontend/{view,host,search}/**", "src/unrolled/book/static/*.js", "tests/hands/*.js", `${ROOMS}*.js`], languageOptions: { globals: globals.browser } },
  {
    files: ["src/unrolled/book/templates/*.js"],
    languageOptions: { globals: { ...globals.serviceworker, VERSION: "readonly", FILES: "readonly" } },
  },
  { files: [".ci/**", "frontend/build.js", "tests/**", `${ROOMS}tests/**`], languageOptions: { globals: globals.node } },
  {
    files: ["frontend/core/**"],
    languageOptions: { globals: { atob: "readonly" } }, // browsers have it, and Node
  },
  { files: ["frontend/{core,view}/**"], rules: { "no-unused-labels": "off" } }, // `author`: see frontend/build.js
  arrows(["frontend/core/**"], HERE, DATA),
  arrows(["frontend/view/**"], HERE, DATA, floor("core")),
  arrows([`${ROOMS}*.js`], HERE, floor("core"), floor("view")),
  arrows(["frontend/host/**"], HERE, floor("core"), "#view/(?:host|messages)\\.js"),
  arrows(["frontend/search/**"], HERE, floor("view"), "minisearch"),
  sentences(["frontend/{host,search}/**"]),
  sentences(["frontend/view/**", `${ROOMS}*.js`], parts),
];
