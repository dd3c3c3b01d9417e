import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** The deployment engine that sst 4.17.1 asks for; `.sst/platform/package.json` names the same. */
export const PULUMI_VERSION = "v3.215.0";

/**
 * SST's own components and types in `<root>/.sst/platform`, installed by the project's own `sst` unless they are there.
 *
 * `sst install` needs no account, but it looks for the Pulumi engine in the user's configuration folder and downloads it.
 * Components and types do not need it: a stand-in that only tells the version, in a configuration folder of its own,
 * lets the installation pass with nothing but the npm registry, and leaves the user's SST alone.
 */
export async function installPlatform(root: string, say: (line: string) => void): Promise<string> {
  const platform = path.join(root, ".sst/platform");
  if (isPlatformInstalled(root)) return platform;
  say("Installing SST's platform into .sst/platform (about 320 MB from the npm registry, once) ...");
  const home = mkdtempSync(path.join(os.tmpdir(), "sst-config-"));
  try {
    writeEngineStandIn(path.join(home, "sst/bin"));
    await promisify(execFile)(path.join(root, "node_modules/.bin/sst"), ["install", "--stage", "dev"], {
      cwd: root,
      env: { ...process.env, XDG_CONFIG_HOME: home, NO_BUN: "1", SST_TELEMETRY_DISABLED: "1", CI: "1" },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`sst install failed:\n${`${stdout}${stderr}`.trim()}`, { cause: error });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  if (!isPlatformInstalled(root)) throw new Error(`sst install left no complete ${platform}`);
  return platform;
}

/** Whether the platform is there, complete, and of the project's own version of SST. */
export function isPlatformInstalled(root: string): boolean {
  return installedVersion(path.join(root, ".sst/platform")) === sstVersion(root);
}

function writeEngineStandIn(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "pulumi");
  writeFileSync(file, `#!/bin/sh\necho ${PULUMI_VERSION}\n`);
  chmodSync(file, 0o755);
}

/** Undefined where the platform is missing, or its packages are. */
function installedVersion(platform: string): string | undefined {
  const file = path.join(platform, "version");
  const complete = existsSync(file) && existsSync(path.join(platform, "node_modules/@pulumi/aws/package.json"));
  return complete ? readFileSync(file, "utf8").trim() : undefined;
}

function sstVersion(root: string): string {
  const manifest = readFileSync(path.join(root, "node_modules/sst/package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
