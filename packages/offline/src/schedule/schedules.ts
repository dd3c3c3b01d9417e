import { existsSync, readFileSync } from "node:fs";

import type { ResolvedGraph } from "@secure-backend/graph/resolve";
import { replaceFile } from "@secure-backend/launch/replace-file";

import { objectOf } from "../gateway/settings";
import type { InvokeAsynchronously } from "../lambda/asynchronous";

/** A schedule that runs a function again and again. */
interface Schedule {
  name: string;
  /** Milliseconds. */
  period: number;
  functionArn: string;
  /** JSON text. */
  input: string;
}

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The longest that a timer can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * Milliseconds between two runs of `rate(1 hour)`; `undefined` for the other kinds of expression.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
 */
export function periodOf(expression: string): number | undefined {
  const [, value, unit = ""] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return value === undefined ? undefined : Number(value) * (UNITS[unit] ?? Number.NaN);
}

/** The schedules of a graph that can be played here: those with a rate, of its functions. */
export function schedulesOf({ resources }: ResolvedGraph): Schedule[] {
  return resources
    .filter(({ type, inputs }) => type === "aws:scheduler/schedule:Schedule" && inputs.state !== "DISABLED")
    .flatMap(({ name: logicalName, inputs }) => {
      const { arn, input } = objectOf(inputs.target);
      const period = periodOf(String(inputs.scheduleExpression));
      const name = String(inputs.name ?? logicalName);
      return period === undefined ? [] : [{ name, period, functionArn: String(arn), input: String(input ?? "{}") }];
    });
}

/**
 * Runs functions by the clock. When each ran last is kept, so that one which is due every hour comes to run on a machine where nothing runs
 * for an hour: at the next start.
 *
 * @returns ends it
 */
export function startSchedules(
  schedules: Schedule[],
  file: string,
  invoke: InvokeAsynchronously,
  notice: (text: string) => void,
): () => void {
  const ran: Record<string, number> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const timers = new Map<string, NodeJS.Timeout>();
  for (const schedule of schedules) {
    ran[schedule.name] ??= Date.now();
    plan(schedule);
  }
  if (schedules.length > 0) save();
  return () => {
    for (const timer of timers.values()) clearTimeout(timer);
  };

  function plan(schedule: Schedule): void {
    const due = (ran[schedule.name] ?? 0) + schedule.period - Date.now();
    const timer = setTimeout(
      () => (due > LONGEST ? plan(schedule) : run(schedule)),
      Math.min(Math.max(due, 0), LONGEST),
    );
    timers.set(schedule.name, timer.unref());
  }

  function run(schedule: Schedule): void {
    ran[schedule.name] = Date.now();
    save();
    plan(schedule);
    invoke(schedule.functionArn, schedule.input).catch((error: Error) =>
      notice(`schedule ${schedule.name}: ${error.message}`),
    );
  }

  function save(): void {
    replaceFile(file, `${JSON.stringify(ran)}\n`);
  }
}
