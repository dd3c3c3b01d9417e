import { main } from "./cli";

// The SDK would warn about the Node.js version of its next release on standard error.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** A second signal within this time is a copy of the first: package managers forward it. */
const SIGNAL_ECHO_MS = 500;

const interruption = new AbortController();
let first: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (first !== undefined && performance.now() - first > SIGNAL_ECHO_MS) process.exit(130);
    first ??= performance.now();
    interruption.abort();
    process.stdin.destroy(); // a report may be waiting for it
  });
}

process.stdout.on("error", () => process.exit(0)); // the reader has gone, as in `pnpm ops logs | head`

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.env.INIT_CWD ?? process.cwd(),
  signal: interruption.signal,
});
