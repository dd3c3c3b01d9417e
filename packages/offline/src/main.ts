import { main } from "./cli";

/** Milliseconds in which a second signal is the first one once more: package managers pass on what the terminal sent already. */
const ECHO = 500;

const interrupted = new Promise<void>((resolve) => {
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (first !== undefined && performance.now() - first > ECHO) process.exit(130);
      first ??= performance.now();
      resolve();
    });
  }
});

process.stdout.on("error", () => process.exit(0)); // whoever read it has gone, as in `pnpm offline | head`

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interrupted,
});
