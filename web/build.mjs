// Builds two pages, each one module and one style sheet: the explorer's, for the page and for the widget, into
// src/pellucid/explorer/page/; and that of a network exported as one file into src/pellucid/export/page/.
import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

/** Build `entry` as `name`.js and `name`.css into a room of the package; return the folder. */
async function page(room, name, entry) {
  const target = new URL(`../src/pellucid/${room}/page/`, import.meta.url).pathname;
  mkdirSync(target, { recursive: true });
  await build({
    entryPoints: { [name]: entry },
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
  return target;
}

const explorer = await page("explorer", "explorer", "src/main.tsx");
copyFileSync("src/index.html", `${explorer}index.html`);
await page("export", "offline", "src/offline/main.tsx");
