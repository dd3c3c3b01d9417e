import { createServer, type RequestListener } from "node:http";

import { UsageError } from "@backend/sst-graph/usage-error";

import { listen as bind, closeServer, isPortTaken } from "@backend/sst-offline/kit/http";

export interface Listening {
  port: number;
  /** Ends connections and frees the port. Called again, it waits for the same end. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** 0: a free one. */
  port: number;
  /** Ports that are tried one after the other, before any free one; 1 insists on the port. */
  tries: number;
  notice(text: string): void;
}

/**
 * Listens on both addresses of `localhost`: a program that holds one of them would be the console
 * for some browsers.
 *
 * @throws UsageError where the port is taken and no other may be used
 */
export async function listenOnLocalhost(listener: RequestListener, options: ListenOptions): Promise<Listening> {
  const { port, tries, notice } = options;
  const last = Math.min(port + tries - 1, 65_535);
  for (let next = port; next < last; next++) {
    const listening = await listen(listener, next, notice).catch((error: NodeJS.ErrnoException) => {
      if (!isPortTaken(error)) throw error;
    });
    if (listening) return listening;
  }
  return await listen(listener, tries === 1 ? port : 0, notice).catch((error: NodeJS.ErrnoException) => {
    if (!isPortTaken(error)) throw error;
    const reason = error.code === "EACCES" ? "may not be used" : "is taken";
    throw new UsageError(`port ${port} ${reason}: choose another one for the console`);
  });
}

async function listen(listener: RequestListener, port: number, notice: ListenOptions["notice"]): Promise<Listening> {
  const first = createServer(listener);
  const taken = await bind(first, port, "127.0.0.1");
  const second = createServer(listener);
  try {
    await bind(second, taken, "::1");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code)) {
      await closeServer(first);
      throw error;
    } // else this machine has no such address
  }
  for (const server of [first, second]) server.on("error", ({ message }) => notice(`the console's server: ${message}`));
  let closing: Promise<void> | undefined;
  return {
    port: taken,
    close() {
      closing ??= Promise.all([first, second].map(closeServer)).then(() => {});
      return closing;
    },
  };
}
