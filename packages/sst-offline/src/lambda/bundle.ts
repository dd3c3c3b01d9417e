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
  /** SST's options of the function's bundler. */
  nodejs: Record<string, Plain>;
}

export interface Bundle {
  file: string;
  /** Every source file that went into it. */
  inputs: string[];
  /** True if a source has changed since the build began. */
  isOutdated: boolean;
}

/** A bundle that cannot be built; the message has file and line of each error. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  /** The files that a fix would be made in, as far as they are known. */
  readonly files: string[];
  constructor(message: string, files: string[]) {
    super(message);
    this.files = files;
  }
}

export interface Bundler {
  /** The bundle of an earlier run, if none of its inputs has changed since; needs no bundler. */
  cached(): Bundle | undefined;
  build(): Promise<Bundle>;
  close(): Promise<void>;
}

/**
 * Bundles a function as SST 4.17.1 does for a deployment. The folder of a bundle is named after its
 * content, so that an environment that is starting never reads half of one. The current bundle
 * stays, and the one before it, which an environment may be about to load.
 *
 * @param folder of this function's bundles
 */
export function createBundler(project: string, request: BundleRequest, folder: string): Bundler {
  const manifest = path.join(folder, "manifest.json");
  const options = createHash("sha256").update(JSON.stringify(request)).digest("hex");

  /** Sources of the last build of this process. */
  let known: string[] = [];

  /** Digest of the last build of this process. An environment may be loading it still. */
  let built: string | undefined;

  /** The bundler's context of the build before: it makes the next one faster. */
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
    const before = new Map(known.map((input) => [input, stateOf(input)]));
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
    // A source that was edited during the build: the bundle may hold its old text, or half of each.
    const isOutdated = inputs.some((input) =>
      before.has(input) ? stateOf(input) !== before.get(input) : changedAt(input) >= startedAt,
    );
    known = inputs;
    if (!isOutdated) replaceFile(manifest, JSON.stringify(next));
    removeOthers([digest, built, previous]);
    built = digest;
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
      const esbuild = await import("esbuild"); // on demand: a start with a fresh bundle does without
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
  /** By path relative to the project, so that a copy of the project uses its own sources. */
  sources: Stamps;
  /** Names the bundle's folder, and detects a bundle that was damaged later. */
  digest: string;
}

/** Differs after every change of a file, and after its replacement by an older one. */
function stateOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(":");
}

/** Epoch milliseconds. A file that replaces another keeps its own time of modification, but not of change. */
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

/** Reads a manifest. One that is missing or damaged is no error: the bundle is built again. */
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

/** Throws an Error that names an option of SST's bundler which is not supported here. */
export function checkBundleOptions({ name, nodejs }: BundleRequest): void {
  const unknown = Object.keys(nodejs).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) throw new Error(`function "${name}": nodejs.${unknown} is not supported offline`);
}

/** The name of the export in a handler such as `src/orders.handler`. */
export function exportOf(handler: string): string {
  return handler.slice(handler.lastIndexOf(".") + 1);
}

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

function sourceOf(project: string, handler: string): string {
  const stem = path.resolve(project, handler.slice(0, handler.lastIndexOf(".")));
  const found = EXTENSIONS.map((extension) => `${stem}${extension}`).find(existsSync);
  if (found === undefined) {
    const message = `${handler}: there is no ${path.relative(project, stem)} with one of ${EXTENSIONS.join(" ")}`;
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

// pkg/runtime/node/build.go of sst 4.17.1, compared byte for byte with what its CLI builds of this project.
const TARGETS: Record<string, string> = { "nodejs24.x": "es2024", "nodejs22.x": "es2023", "nodejs20.x": "es2023" };
const EXTERNAL = ["sharp", "pg-native"];
const OPTIONS = ["banner", "esbuild", "loader", "minify", "sourcemap"];

function buildOptions(project: string, entry: string, { nodejs, runtime }: BundleRequest) {
  const { banner, loader, minify } = nodejs;
  const { external, ...own } = objectOf(nodejs.esbuild);
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
    minify: minify === true, // not by default, whatever SST's documentation says
    banner: { js: `${BANNER}\n${typeof banner === "string" ? banner : ""}` },
    logLevel: "silent" as const,
    ...(isRecord(loader) && { loader: loader as Record<string, "text"> }),
    ...(own as object),
  };
}

interface Located {
  text: string;
  location?: { file: string; line: number; column: number } | null;
}

function formatError({ text, location }: Located): string {
  return location ? `${location.file}:${location.line}:${location.column}: ${text}` : text;
}
