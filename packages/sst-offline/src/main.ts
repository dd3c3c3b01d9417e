import { main } from "./cli";

// Lambda's time zone. Worker threads, in which functions run, have the zone of the process,
// whatever their environment says.
process.env.TZ = "UTC";

/**
 * Milliseconds in which a second signal counts as the first: package managers pass on what the
 * terminal has sent already.
 */
const ECHO_MS = 500;

const interrupted = new Promise<void>((resolve) => {
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (first !== undefined && performance.now() - first > ECHO_MS) process.exit(130);
      first ??= performance.now();
      resolve();
    });
  }
});

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit(0); // nobody reads it any more, as in `pnpm offline | head`
  });
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interrupted,
});
