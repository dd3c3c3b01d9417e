import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser } from "playwright-core";

import { fontConfig } from "./fonts";

export const CACHE = fileURLToPath(new URL("../node_modules/.cache/chromium", import.meta.url));

// Without zygote and sandbox, since tests run as root in containers. Not the package's own arguments: they switch CORS off.
const ARGS = ["--no-sandbox", "--no-zygote", "--font-render-hinting=none", "--disable-webgl"];

/**
 * A real browser: the Chromium that comes in a package of npm, or the Chrome of this machine.
 *
 * @returns why there is none, where neither runs
 */
export async function launch(): Promise<Browser | string> {
  try {
    const { chromium } = await import("playwright-core");
    const inPackage = () => packaged().then((options) => chromium.launch({ ...options, args: ARGS }));
    return await inPackage().catch(() => chromium.launch({ channel: "chrome" }));
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    return `no browser runs here: neither @sparticuz/chromium nor an installed Chrome (${line})`;
  }
}

async function packaged() {
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error("the packaged Chromium is for Linux");
  mkdirSync(CACHE, { recursive: true });
  const before = { TMPDIR: process.env.TMPDIR, AWS_EXECUTION_ENV: process.env.AWS_EXECUTION_ENV };
  // It unpacks into the folder for temporary files, and its libraries on Lambda alone.
  Object.assign(process.env, { TMPDIR: CACHE, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" });
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    const executablePath = await chromium.executablePath();
    const env = {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: path.join(CACHE, "al2023/lib"),
      FONTCONFIG_PATH: fontConfig(CACHE),
    };
    return { executablePath, env };
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
