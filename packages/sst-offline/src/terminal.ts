import { printable } from "@backend/sst-graph/printable";
import { countOf, paintFor, type Screen, widthOf, wrapLines } from "@backend/sst-graph/screen";

import { gapsOf } from "./deployment/coverage";
import type { Offline, OfflineNews } from "./offline";
import { createRequestLine, isPreflight } from "./request-line";
import { startScreen } from "./start-screen";

/** The part of a writable stream that the terminal uses. */
export interface Output extends Screen {
  /** Returns false when the buffer is full; a `drain` event follows. */
  write(text: string): boolean;
  once?(event: "drain", listener: () => void): unknown;
}

export interface Terminal extends OfflineNews {
  started(offline: Offline, milliseconds: number): void;
}

export interface TerminalOptions {
  /** Also shows what is not simulated, and preflight requests. */
  isVerbose?: boolean;
  /** Zone of the times of requests. Default: UTC. */
  timeZone?: string;
}

/**
 * Lines are written together once in this time: one write a line would take longer than a request.
 */
const FLUSH_MS = 10;

/** Creates the terminal's log, in colour if the terminal supports it (https://no-color.org). */
export function createTerminal(output: Output, env: NodeJS.ProcessEnv, options: TerminalOptions = {}): Terminal {
  const { isVerbose = false, timeZone = "UTC" } = options;
  const paint = paintFor(output, env);
  const requestLine = createRequestLine({ width: widthOf(output, env), paint, timeZone });
  let lines: string[] = [];
  let isBuilding = true;
  let firstBuilt = 0;
  let isFull = false;
  let skipped = 0;

  return {
    started(offline, milliseconds) {
      awaitFirstBuilds(offline.running().firstBuilds);
      const gaps = gapsOf(offline.running().deployment);
      say(`\n${startScreen(offline, { milliseconds, gaps, isVerbose, width: widthOf(output, env), paint })}`);
    },
    handled(outcome) {
      if (isPreflight(outcome) && !isVerbose) return;
      if (isFull) skipped++;
      else say(requestLine(outcome));
    },
    built(name, ms) {
      // A line for each first build would push the start screen away.
      if (isBuilding) firstBuilt++;
      else say(paint.cyan(`${name} built in ${Math.round(ms)} ms`));
    },
    failed: (name, message) => say(`${paint.red(`${name}: build failed`)}\n${printable(message)}`),
    notice: (text) => say(paint.yellow(wrapLines(printable(text), widthOf(output, env)))),
  };

  function say(line: string): void {
    if (lines.length === 0) setTimeout(flush, FLUSH_MS);
    lines.push(line);
  }

  function awaitFirstBuilds(builds: readonly Promise<void>[]): void {
    const start = performance.now();
    const finish = () => {
      isBuilding = false;
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      if (firstBuilt > 0) say(paint.cyan(`${countOf(firstBuilt, "function")} built in ${seconds} s`));
    };
    Promise.all(builds).then(finish, finish);
  }

  function flush(): void {
    isFull = !output.write(`${lines.join("\n")}\n`) && output.once !== undefined;
    lines = [];
    if (isFull) output.once?.("drain", resume);
  }

  /** Shows the number of requests that came while the terminal was full. */
  function resume(): void {
    isFull = false;
    if (skipped > 0) say(paint.dim(`... ${skipped} more requests: see the access log`));
    skipped = 0;
  }
}
