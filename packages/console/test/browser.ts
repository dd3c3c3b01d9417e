import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Browser } from "playwright-core";

import { fontConfig } from "./fonts";

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const manifest = path.join(createRequire(import.meta.url).resolve("@sparticuz/chromium"), "../../../package.json");
const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };

export const CACHE = path.join(PACKAGE, "node_modules/.cache");
const CHROMIUM = path.join(CACHE, `chromium-${version}`);

// No sandbox: tests run as root in containers. The package's default arguments switch CORS off.
const ARGS = ["--no-sandbox", "--font-render-hinting=none", "--disable-webgl"];

/**
 * Starts the Chromium of the npm package, or the Chrome installed on this machine.
 *
 * @returns the reason if neither starts
 */
export async function launch(): Promise<Browser | string> {
  try {
    const { chromium } = await import("playwright-core");
    try {
      return await chromium.launch({ ...(await packagedChromium()), args: ARGS });
    } catch (error) {
      return await chromium.launch({ channel: "chrome" }).catch(() => Promise.reject(error));
    }
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    return `no browser starts: neither @sparticuz/chromium (${line}) nor an installed Chrome`;
  }
}

async function packagedChromium() {
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error("it runs only on Linux on x64");
  await unpack();
  const env = {
    ...(process.env as Record<string, string>),
    LD_LIBRARY_PATH: path.join(CHROMIUM, "al2023/lib"),
    FONTCONFIG_PATH: path.join(CHROMIUM, "fontconfig"),
  };
  return { executablePath: path.join(CHROMIUM, "chromium"), env };
}

/**
 * Unpacks Chromium, unless an earlier call did. Renames the folder when it is complete: another
 * process must not use a file that is still being written.
 */
export async function unpack(): Promise<void> {
  if (existsSync(CHROMIUM)) return;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(`${CHROMIUM}-`);
  try {
    const script = `await (await import("@sparticuz/chromium")).default.executablePath()`;
    // The package unpacks into TMPDIR, and unpacks its libraries only on Lambda.
    const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
    await run(process.execPath, ["--input-type=module", "-e", script], { cwd: PACKAGE, env });
    mkdirSync(path.join(folder, "fontconfig"));
    writeFileSync(path.join(folder, "fontconfig/fonts.conf"), fontConfig(CHROMIUM));
    renameSync(folder, CHROMIUM);
  } catch (error) {
    if (!existsSync(CHROMIUM)) throw error; // another process was faster
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
