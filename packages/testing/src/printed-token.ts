import type { OfflineApp } from "@backend/sst-offline/app";
import { token } from "@backend/sst-offline/token";

/** Returns the token that `pnpm offline token` prints. Throws an Error with its error message. */
export async function printedToken(args: string[], project: string, app?: OfflineApp): Promise<string> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const streams = { stdout: output("stdout"), stderr: output("stderr") };
  const code = await token([...args, "--project", project], { ...streams, cwd: project }, app);
  if (code !== 0) throw new Error(written.stderr);
  return written.stdout.trim();
}
