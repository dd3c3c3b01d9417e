import { connect } from "node:net";

export interface Load {
  /** Requests per second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/**
 * Sends the same GET over a number of connections. Each connection sends the next request when it
 * has the response.
 *
 * @throws Error for any status except 200, because figures of error responses mean nothing
 */
export async function load(url: URL, connections: number, milliseconds: number): Promise<Load> {
  const latencies: number[] = [];
  const end = performance.now() + milliseconds;
  await Promise.all(Array.from({ length: connections }, () => client(url, end, latencies)));
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { rate: (latencies.length / milliseconds) * 1000, p50: at(0.5), p99: at(0.99) };
}

function client(url: URL, end: number, latencies: number[]): Promise<void> {
  const request = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: bench\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setNoDelay(true).setEncoding("latin1");
    let sent = 0;
    let received = "";
    const send = () => {
      sent = performance.now();
      received = "";
      socket.write(request);
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("data", (chunk: string) => {
      received += chunk;
      if (!isComplete(received)) return;
      if (!received.startsWith("HTTP/1.1 200 ")) {
        socket.destroy();
        reject(new Error(`${url}: expected 200, found ${received.split("\r\n", 1)[0]}`));
        return;
      }
      const now = performance.now();
      latencies.push(now - sent);
      if (now < end) return send();
      socket.end();
      resolve();
    });
  });
}

function isComplete(received: string): boolean {
  const head = received.indexOf("\r\n\r\n");
  if (head === -1) return false;
  const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
  return received.length >= head + 4 + length;
}
