// Builds the page into src/pellucid/explorer/page/: one module and one style sheet, for the page and for the widget.
import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

const target = new URL("../src/pellucid/explorer/page/", import.meta.url).pathname;

mkdirSync(target, { recursive: true });
await build({
  entryPoints: { explorer: "src/main.tsx" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "inline",
  logLevel: "warning",
});
copyFileSync("src/index.html", `${target}index.html`);
