import { main } from "./cli";

// Standard error is for what went wrong, not for which Node.js next year's SDK wants.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** Milliseconds in which a second signal is the first one once more: package managers pass on what the terminal sent already. */
const ECHO = 500;

const interruption = new AbortController();
let first: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (first !== undefined && performance.now() - first > ECHO) process.exit(130);
    first ??= performance.now();
    interruption.abort();
    process.stdin.destroy(); // a report may be waiting for it
  });
}

process.stdout.on("error", () => process.exit(0)); // whoever read it has gone, as in `pnpm ops logs | head`

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.env.INIT_CWD ?? process.cwd(),
  signal: interruption.signal,
});
