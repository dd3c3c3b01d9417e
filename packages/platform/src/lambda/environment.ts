import * as z from "zod/mini";
import type { FunctionLogGroups } from "../function-log/search";
import { parse } from "../input";

const LogGroups = z.record(z.string(), z.string());

/** Returns a required variable. Throws an Error that names it if it is not set. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the environment variable ${name} is not set`);
  return value;
}

export function days(name: string): number {
  const value = variable(name);
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new Error(`the environment variable ${name} is "${value}", expected days`);
  return Number(value);
}

/** Parses the log groups of functions: JSON, by route key. */
export function functionLogGroups(name: string): FunctionLogGroups {
  return json(name, LogGroups, "log groups");
}

function json<S extends z.ZodMiniType>(name: string, schema: S, what: string): z.output<S> {
  const value = variable(name);
  try {
    return parse(schema, JSON.parse(value));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new Error(`the environment variable ${name} is not JSON of ${what}: ${reason}`, { cause });
  }
}
