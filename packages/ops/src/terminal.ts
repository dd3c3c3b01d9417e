import type { Environment } from "./environment";

export { type Paint, paintFor } from "@backend/sst-graph/screen";

export interface Progress {
  say(text: string): void;
  /** Takes the line away again. */
  end(): void;
}

/** Milliseconds between two states of a progress line. */
const PACE = 100;

/** One line on standard error that changes as work goes on; nothing where nobody watches. */
export function progressOn({ stderr }: Pick<Environment, "stderr">): Progress {
  if (stderr.isTTY !== true) return { say() {}, end() {} };
  let said = Number.NEGATIVE_INFINITY;
  return {
    say(text) {
      if (performance.now() - said < PACE) return;
      said = performance.now();
      stderr.write(`\r\u001b[K${text}`);
    },
    end: () => stderr.write("\r\u001b[K"),
  };
}
