import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Limits the locations in the user's own files. */
const MAX_LOCATIONS = 3;
/** Limits the lines of an error's message. */
const MAX_LINES = 20;

const ENDED_EARLY =
  "the evaluation ended before run() completed. It awaits a promise that never settles, or ends the process";

/** The failure that `REPORT_ERROR` writes when the evaluation of a bundle fails. */
interface Failure {
  message: string;
  stack: string;
}

/**
 * JavaScript for the beginning of a bundle. It writes an uncaught error to the file `<task>.error`.
 * Node.js would print the whole object. Packages may also reject with a value that is not an Error.
 */
export const REPORT_ERROR = `
import { writeFileSync as $writeFileSync } from "node:fs";
import { inspect as $inspect } from "node:util";
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => {
    const text = (value) => (typeof value === "string" ? value : undefined);
    const message = text(error?.message) || text(error?.details) || $inspect(error, { depth: 0 });
    $writeFileSync(process.argv[2] + ".error", JSON.stringify({ message, stack: text(error?.stack) ?? "" }));
    process.exit(1);
  });
}`;

export interface FailedEvaluation {
  project: string;
  /** The evaluated bundle. Its source map is next to it. */
  bundle: string;
  /** The bundle's input. */
  task: string;
  stderr: string;
}

/** Returns an Error that says in a few lines what is wrong in sst.config.ts, and where. */
export function evaluationError({ project, bundle, task, stderr }: FailedEvaluation): Error {
  const failure = readFailure(`${task}.error`);
  const message = failure?.message.trim() || reasonIn(stderr);
  const locations = failure === undefined ? [] : locationsIn(failure.stack, bundle, project);
  const lines = [firstLines(message), ...locations.slice(0, MAX_LOCATIONS).map((location) => `    at ${location}`)];
  return new Error(`${path.join(project, "sst.config.ts")} cannot be evaluated: ${lines.join("\n")}`);
}

function reasonIn(stderr: string): string {
  const isLeak = stderr.includes("promises were still active"); // Pulumi's message for this case
  return isLeak || stderr.trim() === "" ? ENDED_EARLY : stderr.trim();
}

/** Returns such an Error for an error of esbuild. */
export function bundlingError(project: string, error: unknown): Error {
  const { errors = [] } = error as { errors?: { text: string; location: Location | null }[] };
  const lines = errors.map(({ text, location }) => (location === null ? text : `${formatLocation(location)}: ${text}`));
  const reason = lines.length === 0 ? (error as Error).message : lines.join("\n    ");
  return new Error(`${path.join(project, "sst.config.ts")} cannot be bundled: ${reason}`, { cause: error });
}

interface Location {
  file: string;
  line: number;
  column: number;
}

function formatLocation({ file, line, column }: Location): string {
  return `${file}:${line}:${column + 1}`;
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, MAX_LINES).join("\n");
}

function readFailure(file: string): Failure | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Failure) : undefined;
}

/** Returns the stack's locations in the project's own files, such as `src/orders.ts:3:9`. */
function locationsIn(stack: string, bundle: string, project: string): string[] {
  const map = readSourceMap(bundle);
  if (map === undefined) return [];
  return [...stack.matchAll(/\(?(file:\/\/\S+?|\/\S+?):(\d+):(\d+)\)?$/gm)].flatMap(([, url = "", line, column]) => {
    const file = url.startsWith("file:") ? fileURLToPath(url) : url;
    if (file !== bundle) return [];
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!("originalSource" in entry)) return [];
    const source = path.resolve(path.dirname(bundle), entry.originalSource);
    const name = path.relative(project, source);
    if (name.startsWith("..") || name.includes("node_modules") || name.startsWith(".sst")) return [];
    return [`${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}`];
  });
}

function readSourceMap(bundle: string): SourceMap | undefined {
  const file = `${bundle}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}
