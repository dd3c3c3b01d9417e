// Runs a TypeScript entry point of this workspace: `node launch.mjs <entry.ts> [arguments]`.
//
// Node.js 20 cannot strip types, and a loader that transpiles on import costs more at every start than the whole of
// `pnpm offline` may take. So the entry is bundled once by esbuild (packages of the registry stay external), and the
// bundle is used again until one of the files that went into it changes.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

import { replaceFile } from "./replace-file.mjs";
import { areFresh, stampsOf } from "./stamps.mjs";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
const [entryArgument, ...rest] = process.argv.slice(2);
if (entryArgument === undefined) throw new Error("launch.mjs: expected the path of a TypeScript entry point");
const entry = path.resolve(entryArgument);

// Beside the entry, so that the bundle resolves the same packages as its source.
const cache = path.join(path.dirname(entry), "../node_modules/.cache/launch");
const bundle = path.join(cache, `${createHash("sha256").update(entry).digest("hex").slice(0, 12)}.mjs`);
const manifest = `${bundle}.json`;

if (!isFresh()) await build();
process.argv.splice(1, process.argv.length - 1, entry, ...rest);
await import(pathToFileURL(bundle).href);

function isFresh() {
  try {
    return areFresh(JSON.parse(readFileSync(manifest, "utf8")));
  } catch {
    return false; // no bundle yet
  }
}

async function build() {
  const esbuild = await import("esbuild");
  /** @satisfies {import("esbuild").BuildOptions} */
  const options = {
    entryPoints: [entry],
    bundle: true,
    format: /** @type {const} */ ("esm"),
    platform: /** @type {const} */ ("node"),
    target: "node20",
    write: /** @type {const} */ (false),
    metafile: /** @type {const} */ (true),
    sourcemap: /** @type {const} */ ("inline"),
    absWorkingDir: root,
    define: { "import.meta.url": "sourceUrl" }, // a constant in front of each file, see below
    plugins: [workspaceOnly()],
  };
  const result = await esbuild.build(options).catch(() => process.exit(1)); // esbuild has printed what is wrong, and where
  const inputs = Object.keys(result.metafile.inputs).map((file) => path.resolve(root, file));
  const stamps = stampsOf([fileURLToPath(import.meta.url), ...inputs]);
  replaceFile(bundle, result.outputFiles[0]?.contents ?? "");
  replaceFile(manifest, JSON.stringify(stamps));
}

/** @param {string} file */
function isOwn(file) {
  return (
    file.startsWith(path.join(root, "packages") + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`)
  );
}

/**
 * Bundles the workspace's own TypeScript, keeps the rest external, and lets `import.meta.url` name the source file.
 *
 * @returns {import("esbuild").Plugin}
 */
function workspaceOnly() {
  return {
    name: "workspace-only",
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, async ({ path: wanted, kind, resolveDir, pluginData }) => {
        if (kind === "entry-point" || pluginData === "resolved") return undefined;
        const found = await build.resolve(wanted, { kind, resolveDir, pluginData: "resolved" });
        if (found.errors.length > 0 || found.external || isOwn(found.path)) return found;
        return { path: pathToFileURL(found.path).href, external: true };
      });
      build.onLoad({ filter: /\.ts$/ }, (args) => {
        const url = JSON.stringify(pathToFileURL(args.path).href);
        return { contents: `const sourceUrl = ${url};${readFileSync(args.path, "utf8")}`, loader: "ts" };
      });
    },
  };
}
