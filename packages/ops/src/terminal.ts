import type { Environment, Output } from "./environment";

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

/** Colours where a person reads and wants them: https://no-color.org */
export function paintFor(output: Output, env: NodeJS.ProcessEnv): Paint {
  const coloured = env.FORCE_COLOR !== undefined || (output.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
  const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33) };
}

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
