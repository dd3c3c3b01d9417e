import type { OfflineApp } from "./app";
import { main } from "./cli";

/**
 * Milliseconds in which a second signal counts as the first: package managers pass on what the
 * terminal has sent already.
 */
const ECHO_MS = 500;

/** Runs the command line as this process: with its arguments, streams, signals and exit code. */
export async function run(app: OfflineApp = {}): Promise<void> {
  // Lambda's time zone. Worker threads, in which functions run, have the zone of the process,
  // whatever their environment says.
  process.env.TZ = "UTC";

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

  const { stdout, stderr, env } = process;
  process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env, interrupted }, app);
}
