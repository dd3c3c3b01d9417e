import type { OfflineApp } from "./app";
import { main } from "./cli";

/**
 * A second signal within this time is the first one, sent twice: package managers pass on a signal
 * that the terminal has already sent to every process.
 */
const ECHO_MS = 500;

/**
 * Runs the command with the arguments, streams and signals of this process, and sets its exit code.
 */
export async function run(app: OfflineApp = {}): Promise<void> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  // Functions run in worker threads, which always have the time zone of the process. Lambda's is
  // UTC.
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
      if (code === "EPIPE") process.exit(0); // the reader has ended, as in `pnpm offline | head`
    });
  }

  const { stdout, stderr, env } = process;
  process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env, interrupted, timeZone }, app);
}
