import { createServer } from "node:http";

// Below the range from which operating systems choose port 0 (Linux 32768, macOS and Windows
// 49152).
const MIN_PORT = 20_000;
const MAX_PORT = 32_000;

/**
 * Returns a loopback port such that it and the next port are free, for servers that need a port
 * number. Sockets on port 0 do not take it in the meantime, because they use a higher range.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = MIN_PORT + Math.floor(Math.random() * (MAX_PORT - MIN_PORT));
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
