import { replaceFile } from "@backend/launch/replace-file";
import type { ResolvedGraph } from "@backend/sst-graph/resolve";

import { isRecord, objectOf } from "../kit/json";
import { readOrSetAside } from "../kit/state-file";
import type { InvokeAsynchronously } from "../lambda/asynchronous";

/** A schedule that runs a function at a fixed rate. */
export interface Schedule {
  name: string;
  periodMs: number;
  functionArn: string;
  /** JSON text. */
  input: string;
}

const UNITS_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The longest delay of a Node.js timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Returns the milliseconds between two runs of `rate(1 hour)`, and `undefined` for `cron` and `at`.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
 */
export function periodOf(expression: string): number | undefined {
  const [, value, unit = ""] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return value === undefined ? undefined : Number(value) * (UNITS_MS[unit] ?? Number.NaN);
}

/** Returns the schedules with a rate, which are the ones that offline can run. */
export function schedulesOf({ resources }: ResolvedGraph): Schedule[] {
  return resources
    .filter(({ type, inputs }) => type === "aws:scheduler/schedule:Schedule" && inputs.state !== "DISABLED")
    .flatMap(({ name: logicalName, inputs }) => {
      const { arn, input } = objectOf(inputs.target);
      const periodMs = periodOf(String(inputs.scheduleExpression));
      const name = String(inputs.name ?? logicalName);
      if (periodMs === undefined) return [];
      return [{ name, periodMs, functionArn: String(arn), input: String(input ?? "{}") }];
    });
}

/**
 * Starts the schedules. A file keeps the time of each last run. So an hourly function also runs on
 * a machine where offline never runs for an hour: at the next start after it is due.
 *
 * @param file path of the last runs; a damaged file counts as missing, with a notice
 * @returns a function that stops the schedules
 */
export function startSchedules(
  schedules: Schedule[],
  file: string,
  invoke: InvokeAsynchronously,
  notice: (text: string) => void,
): () => void {
  const consequence = "All schedules start again from now.";
  const lastRuns = readOrSetAside(file, isLastRuns, { notice, consequence }) ?? {};
  const timers = new Map<string, NodeJS.Timeout>();
  for (const schedule of schedules) {
    lastRuns[schedule.name] ??= Date.now();
    plan(schedule);
  }
  if (schedules.length > 0) save();
  return () => {
    for (const timer of timers.values()) clearTimeout(timer);
  };

  function plan(schedule: Schedule): void {
    const dueMs = (lastRuns[schedule.name] ?? 0) + schedule.periodMs - Date.now();
    // A clock that was set back must not postpone a run by more than the period.
    const waitMs = Math.min(Math.max(dueMs, 0), schedule.periodMs);
    const timer = setTimeout(
      () => (waitMs > MAX_TIMER_MS ? plan(schedule) : run(schedule)),
      Math.min(waitMs, MAX_TIMER_MS),
    );
    timers.set(schedule.name, timer.unref());
  }

  function run(schedule: Schedule): void {
    lastRuns[schedule.name] = Date.now();
    save();
    plan(schedule);
    invoke(schedule.functionArn, schedule.input).catch((error: Error) =>
      notice(`schedule ${schedule.name}: ${error.message}`),
    );
  }

  /** Reports a failure instead of throwing: a full disk must not stop the schedules. */
  function save(): void {
    try {
      replaceFile(file, `${JSON.stringify(lastRuns)}\n`);
    } catch (error) {
      notice(`${file} cannot be written: ${(error as Error).message}. After a restart, schedules may run late.`);
    }
  }
}

/** Checks the contents of the file: epoch milliseconds by name of the schedule. */
function isLastRuns(value: unknown): value is Record<string, number> {
  return isRecord(value) && Object.values(value).every((time) => typeof time === "number" && Number.isFinite(time));
}
