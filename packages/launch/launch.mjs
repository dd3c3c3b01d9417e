// Runs a TypeScript entry point of this workspace: `node launch.mjs <entry.ts> [arguments]`.
//
// Node.js 20 cannot strip types, and a loader that transpiles on import would make every start too
// slow for `pnpm offline`. So esbuild bundles the entry once, without registry packages. The bundle
// is reused until one of its source files changes.
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

// Next to the entry, so that the bundle resolves the same packages as its source.
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
    define: { "import.meta.url": "sourceUrl" }, // the plugin defines it in each file
    plugins: [workspaceOnly()],
  };
  const result = await esbuild.build(options).catch(() => process.exit(1)); // esbuild printed the error
  const inputs = Object.keys(result.metafile.inputs).map((file) => path.resolve(root, file));
  const stamps = stampsOf([fileURLToPath(import.meta.url), ...inputs]);
  replaceFile(bundle, result.outputFiles[0]?.contents ?? "");
  replaceFile(manifest, JSON.stringify(stamps));
}

/** @param {string} file */
function isInWorkspace(file) {
  return (
    file.startsWith(path.join(root, "packages") + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`)
  );
}

/**
 * Bundles only the workspace's own TypeScript. Sets `import.meta.url` to the source file.
 *
 * @returns {import("esbuild").Plugin}
 */
function workspaceOnly() {
  return {
    name: "workspace-only",
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, async ({ path: specifier, kind, resolveDir, pluginData }) => {
        if (kind === "entry-point" || pluginData === "resolved") return undefined;
        const found = await build.resolve(specifier, { kind, resolveDir, pluginData: "resolved" });
        if (found.errors.length > 0 || found.external || isInWorkspace(found.path)) return found;
        return { path: pathToFileURL(found.path).href, external: true };
      });
      build.onLoad({ filter: /\.ts$/ }, (args) => {
        const url = JSON.stringify(pathToFileURL(args.path).href);
        return { contents: `const sourceUrl = ${url};${readFileSync(args.path, "utf8")}`, loader: "ts" };
      });
    },
  };
}
