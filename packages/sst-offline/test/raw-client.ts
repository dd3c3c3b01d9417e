import { connect, type Socket } from "node:net";

export interface RawResponse {
  status: number;
  /** Headers by lower-case name. */
  headers: Map<string, string>;
  body: Buffer;
}

/** A connection that sends raw bytes, and reads one response at a time. */
export class RawClient {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * Sends one request and reads its response. Connects again if the server has ended the
   * connection.
   *
   * @throws Error if the response is not HTTP
   */
  async send(bytes: Buffer, isHead: boolean): Promise<RawResponse> {
    this.#socket ??= this.#open();
    this.#socket.write(bytes);
    const response = await this.#response(isHead);
    if (response.headers.get("connection") === "close") this.close();
    return response;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  #open(): Socket {
    const socket = connect(this.#port, "127.0.0.1");
    socket.on("data", (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on("error", () => {}); // a reset after an answer that ends the connection
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#wake();
    });
    return socket;
  }

  async #response(isHead: boolean): Promise<RawResponse> {
    const end = await this.#until(() => this.#received.indexOf("\r\n\r\n"));
    const [statusLine = "", ...fields] = this.#received.toString("latin1", 0, end).split("\r\n");
    const status = Number(/^HTTP\/1\.1 ([2-5]\d\d) [\x20-\x7e]*$/.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`expected a status line, found ${JSON.stringify(statusLine)}`);
    const headers = new Map(fields.map(headerOf));
    const length = isHead || status === 204 || status === 304 ? 0 : Number(headers.get("content-length"));
    if (Number.isNaN(length)) throw new Error(`expected a content-length, found ${JSON.stringify(fields)}`);
    await this.#until(() => (this.#received.length >= end + 4 + length ? 0 : -1));
    const body = this.#received.subarray(end + 4, end + 4 + length);
    this.#received = this.#received.subarray(end + 4 + length);
    return { status, headers, body };
  }

  /** Waits until `find` finds something in the received bytes, and returns its position. */
  async #until(find: () => number): Promise<number> {
    for (;;) {
      const found = find();
      if (found !== -1) return found;
      if (this.#socket === undefined)
        throw new Error(`the connection ended after ${JSON.stringify(this.#received.toString("latin1"))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function headerOf(field: string): [name: string, value: string] {
  const match = /^([!#$%&'*+.^_`|~\w-]+): ([\t\x20-\x7e\x80-\xff]*)$/.exec(field);
  if (match === null) throw new Error(`expected a header field, found ${JSON.stringify(field)}`);
  return [(match[1] ?? "").toLowerCase(), match[2] ?? ""];
}
