import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { replaceFile } from "@backend/launch/replace-file";
import { areFresh, type Stamps, stampsOf } from "@backend/launch/stamps";
import type { Plain } from "@backend/sst-graph/graph";
import type { BuildContext } from "esbuild";

import { isRecord, objectOf } from "../kit/json";

export interface BundleRequest {
  name: string;
  /** `<source file without extension>.<export>`, relative to the project. */
  handler: string;
  /** `nodejs24.x`. */
  runtime: string;
  /** SST's options for the function's bundler. */
  nodejs: Record<string, Plain>;
}

export interface Bundle {
  file: string;
  /** All source files of the bundle. */
  inputs: string[];
  /** True if a source has changed since the build began. */
  isOutdated: boolean;
}

/** Reports a failed build. The message has file and line of each error. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  /** Files that may contain the fault. */
  readonly files: string[];
  constructor(message: string, files: string[]) {
    super(message);
    this.files = files;
  }
}

export interface Bundler {
  /**
   * Returns the bundle of an earlier run, unless a source has changed. Does not load the bundler.
   */
  cached(): Bundle | undefined;
  build(): Promise<Bundle>;
  close(): Promise<void>;
}

/**
 * Bundles a function as SST 4.17.1 does for a deployment. Each bundle has a folder named after its
 * content, so that an execution environment never loads a half-written bundle. The current and the
 * previous bundle are kept, because a starting environment may still load the previous one.
 *
 * @param folder for this function's bundles
 */
export function createBundler(project: string, request: BundleRequest, folder: string): Bundler {
  const manifest = path.join(folder, "manifest.json");
  const options = createHash("sha256").update(JSON.stringify(request)).digest("hex");

  /** Sources of this process's last build. */
  let lastInputs: string[] = [];

  /** Digest of this process's last build. An environment may still load it. */
  let lastDigest: string | undefined;

  /** The bundler's context, which makes the next build faster. */
  let context: { entry: string; build: Promise<Context> } | undefined;

  return { cached, build, close };

  function cached(): Bundle | undefined {
    const found = readManifest(manifest);
    if (found?.options !== options) return undefined;
    const file = bundleFile(found.digest);
    const sources = toAbsolute(project, found.sources);
    if (!areFresh(sources) || !isIntact(file, found.digest)) return undefined;
    return { file, inputs: Object.keys(sources), isOutdated: false };
  }

  async function build(): Promise<Bundle> {
    const entry = sourceOf(project, request.handler);
    const startedAt = Date.now();
    const before = new Map(lastInputs.map((input) => [input, stateOf(input)]));
    const result = await (await contextOf(entry)).rebuild().catch((error: { errors?: Located[]; message: string }) => {
      const { errors = [{ text: error.message }] } = error;
      const files = errors.flatMap(({ location }) => (location ? [path.resolve(project, location.file)] : []));
      throw new BundleError(errors.map(formatError).join("\n"), [entry, ...files]);
    });
    const [code, sourcemap] = ["bundle.mjs", "bundle.mjs.map"].map((name) =>
      result.outputFiles.find((output) => path.basename(output.path) === name),
    );
    const inputs = Object.keys(result.metafile.inputs).map((input) => path.resolve(project, input));
    const contents = code?.contents ?? new Uint8Array();
    const digest = digestOf(contents);
    const file = bundleFile(digest);
    if (sourcemap !== undefined) replaceFile(`${file}.map`, sourcemap.contents);
    replaceFile(file, contents);
    const previous = readManifest(manifest)?.digest;
    const next: Manifest = { options, sources: toRelative(project, stampsOf(inputs)), digest };
    // If a source was edited during the build, the bundle may contain its old text.
    const isOutdated = inputs.some((input) =>
      before.has(input) ? stateOf(input) !== before.get(input) : changedAt(input) >= startedAt,
    );
    lastInputs = inputs;
    if (!isOutdated) replaceFile(manifest, JSON.stringify(next));
    removeOthers([digest, lastDigest, previous]);
    lastDigest = digest;
    return { file, inputs, isOutdated };
  }

  function bundleFile(digest: string): string {
    return path.join(folder, digest, "bundle.mjs");
  }

  /** Removes the folders of all other bundles. */
  function removeOthers(digests: (string | undefined)[]): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !digests.includes(entry.name))
        rmSync(path.join(folder, entry.name), { recursive: true, force: true });
    }
  }

  async function contextOf(entry: string): Promise<Context> {
    if (context?.entry !== entry) {
      await close();
      const esbuild = await import("esbuild"); // loaded on demand: a start with fresh bundles does not need it
      const created = { entry, build: esbuild.context(buildOptions(project, entry, request)) };
      context = created;
      created.build.catch(() => {
        if (context === created) context = undefined; // the next build tries again
      });
    }
    return await context.build;
  }

  async function close(): Promise<void> {
    const old = context;
    context = undefined;
    await (await old?.build.catch(() => undefined))?.dispose();
  }
}

type Context = BuildContext<ReturnType<typeof buildOptions>>;

interface Manifest {
  /** Digest of the request that the bundle was built for. */
  options: string;
  /** By path relative to the project. A copy of the project thus compares its own sources. */
  sources: Stamps;
  /** Names the bundle's folder, and detects a bundle that was damaged later. */
  digest: string;
}

/** Returns a text that changes with every change of the file, even if an older file replaces it. */
function stateOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(":");
}

/** Returns epoch milliseconds. A moved file keeps its mtime, but gets a new ctime. */
function changedAt(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0 : Math.max(found.mtimeMs, found.ctimeMs);
}

function digestOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 12);
}

function isIntact(file: string, digest: string): boolean {
  try {
    return digestOf(readFileSync(file)) === digest;
  } catch {
    return false; // missing, or not a file
  }
}

function toRelative(folder: string, stamps: Stamps): Stamps {
  return Object.fromEntries(Object.entries(stamps).map(([file, stamp]) => [path.relative(folder, file), stamp]));
}

function toAbsolute(folder: string, stamps: Stamps): Stamps {
  return Object.fromEntries(Object.entries(stamps).map(([file, stamp]) => [path.resolve(folder, file), stamp]));
}

/**
 * Reads a manifest. Returns `undefined` if it is missing or damaged: the bundle is then built
 * again.
 */
function readManifest(file: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isManifest(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  return isRecord(value) && isRecord(value.sources) && typeof value.digest === "string";
}

/** Throws an Error that names an option of SST's bundler that offline does not support. */
export function checkBundleOptions({ name, nodejs }: BundleRequest): void {
  const unknown = Object.keys(nodejs).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) throw new Error(`function "${name}": nodejs.${unknown} is not supported offline`);
}

/** Returns the name of the export in a handler such as `src/orders.handler`. */
export function exportOf(handler: string): string {
  return handler.slice(handler.lastIndexOf(".") + 1);
}

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

function sourceOf(project: string, handler: string): string {
  const stem = path.resolve(project, handler.slice(0, handler.lastIndexOf(".")));
  const found = EXTENSIONS.map((extension) => `${stem}${extension}`).find(existsSync);
  if (found === undefined) {
    const message =
      `${handler}: found no file ${path.relative(project, stem)} with an extension of ` + `${EXTENSIONS.join(" ")}`;
    throw new BundleError(message, [`${stem}${EXTENSIONS[0]}`]);
  }
  return found;
}

const BANNER = [
  "import { createRequire as topLevelCreateRequire } from 'module';",
  "const require = topLevelCreateRequire(import.meta.url);",
  'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"',
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))',
].join("\n");

// From pkg/runtime/node/build.go of sst 4.17.1. The bundles equal those of its CLI byte for byte.
const TARGETS: Record<string, string> = { "nodejs24.x": "es2024", "nodejs22.x": "es2023", "nodejs20.x": "es2023" };
const EXTERNAL = ["sharp", "pg-native"];
const OPTIONS = ["banner", "esbuild", "loader", "minify", "sourcemap"];

function buildOptions(project: string, entry: string, { nodejs, runtime }: BundleRequest) {
  const { banner, loader, minify } = nodejs;
  const { external, ...others } = objectOf(nodejs.esbuild);
  return {
    entryPoints: [entry],
    absWorkingDir: project,
    bundle: true as const,
    write: false as const,
    metafile: true as const,
    outfile: path.join(project, "bundle.mjs"),
    format: "esm" as const,
    platform: "node" as const,
    target: TARGETS[runtime] ?? "esnext",
    mainFields: ["module", "main"],
    external: [...EXTERNAL, ...(Array.isArray(external) ? external.map(String) : [])],
    sourcemap: "linked" as const,
    keepNames: true,
    minify: minify === true, // false by default, unlike in SST's documentation
    banner: { js: `${BANNER}\n${typeof banner === "string" ? banner : ""}` },
    logLevel: "silent" as const,
    ...(isRecord(loader) && { loader: loader as Record<string, "text"> }),
    ...(others as object),
  };
}

interface Located {
  text: string;
  location?: { file: string; line: number; column: number } | null;
}

function formatError({ text, location }: Located): string {
  return location ? `${location.file}:${location.line}:${location.column}: ${text}` : text;
}
