import { createServer } from "node:http";

/** The range that operating systems hand out for port 0 starts above (Linux 32768, macOS and Windows 49152). */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Returns a loopback port that is free together with the next one, for servers that must be told their port.
 * It lies below the range for port 0, so that no other socket of the test run takes it in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}
