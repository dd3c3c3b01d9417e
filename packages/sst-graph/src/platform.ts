import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/**
 * The version of the deployment engine that sst 4.17.1 requires, as in
 * `.sst/platform/package.json`.
 */
export const PULUMI_VERSION = "v3.215.0";

/**
 * Installs SST's components and types into `<root>/.sst/platform` with the project's own `sst`,
 * unless they are installed. Returns that folder.
 *
 * `sst install` needs no account, but it downloads the Pulumi engine into the user's configuration
 * folder. Components and types do not need the engine. So this uses a temporary configuration
 * folder with a script that only prints the engine's version. The installation then needs only the
 * npm registry, and does not change the user's SST.
 */
export async function installPlatform(root: string, say: (line: string) => void): Promise<string> {
  const platform = path.join(root, ".sst/platform");
  if (isPlatformInstalled(root)) return platform;
  say("Installing SST's platform into .sst/platform (downloads about 320 MB, only once)…");
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
  if (!isPlatformInstalled(root)) throw new Error(`sst install did not complete: ${platform} is incomplete`);
  return platform;
}

/** True if the platform is complete and has the project's version of SST. */
export function isPlatformInstalled(root: string): boolean {
  return installedVersion(path.join(root, ".sst/platform")) === sstVersion(root);
}

function writeEngineStandIn(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "pulumi");
  writeFileSync(file, `#!/bin/sh\necho ${PULUMI_VERSION}\n`);
  chmodSync(file, 0o755);
}

/** Returns undefined if the platform or its packages are missing. */
function installedVersion(platform: string): string | undefined {
  const file = path.join(platform, "version");
  const isComplete = existsSync(file) && existsSync(path.join(platform, "node_modules/@pulumi/aws/package.json"));
  return isComplete ? readFileSync(file, "utf8").trim() : undefined;
}

function sstVersion(root: string): string {
  const manifest = readFileSync(path.join(root, "node_modules/sst/package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
