import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

import { bundlingError, REPORT_ERROR } from "./config-error";
import { patchSource } from "./patches";

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Bundles a project's sst.config.ts with SST's own components and the recorder. Injects the same
 * globals and keeps the same packages external as the SST CLI (sst 4.17.1, pkg/js and pkg/project).
 *
 * @returns the user's own files in the bundle
 */
export async function bundleProgram(project: string, platform: string, outfile: string): Promise<string[]> {
  const contents = `
    import { record } from ${JSON.stringify(path.join(here, "program.ts"))};
    await record(globalThis.$task, async () => ({
      config: (await import(${JSON.stringify(path.join(project, "sst.config.ts"))})).default,
      run: (await import(${JSON.stringify(path.join(platform, "src/auto/run.ts"))})).run,
    }));
  `;
  const inputs = await bundle(contents, project, platform, outfile, {
    inject: [path.join(platform, "src/shim/run.js")],
    plugins: [withGlobals(platform), patchedPlatform(platform)],
    banner: { js: `${REQUIRE}\n${REPORT_ERROR}\n${GLOBALS}` },
  });
  const foreign = [platform, path.dirname(here), `${path.sep}node_modules${path.sep}`];
  return inputs.filter((file) => !foreign.some((part) => file.includes(part)));
}

/**
 * Bundles a program that only evaluates `app()`. The CLI also does this before it loads the
 * components.
 */
export async function bundleApp(project: string, platform: string, outfile: string): Promise<void> {
  const contents = `
    import { readFileSync, writeFileSync } from "node:fs";
    globalThis.$config = (config) => config;
    const { stage, answer } = JSON.parse(readFileSync(process.argv[2], "utf8"));
    const { default: config } = await import(${JSON.stringify(path.join(project, "sst.config.ts"))});
    writeFileSync(answer, JSON.stringify(await config.app({ stage })));
  `;
  await bundle(contents, project, platform, outfile, { banner: { js: `${REQUIRE}\n${REPORT_ERROR}` } });
}

async function bundle(
  contents: string,
  project: string,
  platform: string,
  outfile: string,
  options: esbuild.BuildOptions,
): Promise<string[]> {
  const settings = {
    stdin: { contents, resolveDir: project, sourcefile: "synth.ts", loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    mainFields: ["module", "main"],
    nodePaths: [path.join(platform, "node_modules")],
    external: EXTERNAL,
    keepNames: true,
    logLevel: "silent",
    outfile,
    absWorkingDir: project,
    sourcemap: "external", // for the stack of a failed evaluation
    sourcesContent: false,
    ...options,
    metafile: true,
  } as const satisfies esbuild.BuildOptions;
  const { metafile } = await esbuild.build(settings).catch((error) => {
    throw bundlingError(project, error);
  });
  return Object.keys(metafile.inputs)
    .map((file) => path.resolve(project, file))
    .filter(existsSync); // without the generated entry
}

const EXTERNAL = [
  ...["@pulumi/*", "@pulumiverse/*", "@sst-provider/*", "@aws-sdk/*"],
  ...["archiver", "esbuild", "glob", "undici", "vite"],
];

const REQUIRE = [
  'import { createRequire as $createRequire } from "node:module";',
  'import { readFileSync as $readFileSync } from "node:fs";',
  "const require = $createRequire(import.meta.filename);",
  "const __filename = import.meta.filename;",
  "const __dirname = import.meta.dirname;",
].join("\n");

// Set before the first component is loaded, because some read them immediately. `sst dev` also runs
// the command "deploy":
// https://github.com/anomalyco/sst/blob/dev/cmd/sst/mosaic/deployer/deployer.go and
// pkg/project/run.go.
const GLOBALS = `
const $task = globalThis.$task = JSON.parse($readFileSync(process.argv[2], "utf8"));
globalThis.$app = { home: "aws", version: "", ...$task.app };
globalThis.$dev = $task.dev;
globalThis.$cli = {
  command: "deploy",
  dev: $task.dev,
  paths: { home: $task.work, root: $task.project, work: $task.work, platform: $task.platform },
  state: { version: {} },
};
`;

/** Provides the globals `sst` and `aws` in sst.config.ts and the files that it imports. */
function withGlobals(platform: string): esbuild.Plugin {
  const shim = [
    'import * as aws from "@pulumi/aws";',
    `import * as sst from ${JSON.stringify(path.join(platform, "src/components"))};`,
  ].join("");
  return {
    name: "globals",
    setup(build) {
      build.onLoad({ filter: /\.[jt]sx?$/ }, ({ path: file }) => {
        if (isForeign(file, platform)) return undefined;
        return { contents: `${shim}${readFileSync(file, "utf8")}`, loader: "ts" };
      });
    },
  };
}

function isForeign(file: string, platform: string): boolean {
  return file.startsWith(platform) || file.startsWith(here) || file.includes(`${path.sep}node_modules${path.sep}`);
}

function patchedPlatform(platform: string): esbuild.Plugin {
  return {
    name: "patched-platform",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        if (!file.startsWith(platform)) return undefined;
        const contents = patchSource(path.relative(platform, file).split(path.sep).join("/"), () =>
          readFileSync(file, "utf8"),
        );
        return contents === undefined ? undefined : { contents, loader: "ts" };
      });
    },
  };
}
