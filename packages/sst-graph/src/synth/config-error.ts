import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** As many places in the user's own files are named. */
const MAX_PLACES = 3;
/** Of an error that says more, the rest is left out. */
const MAX_LINES = 20;

const ENDED_EARLY = "it ended before run() was done: it awaits something that never settles, or ends the process";

/** What a process that evaluates a bundle leaves behind when it fails; see `REPORT_ERROR`. */
interface Failure {
  message: string;
  stack: string;
}

/**
 * JavaScript for the beginning of a bundle: writes an error that nothing has caught into the file `<task>.error`, in
 * place of Node.js's dump of the whole object. A package may reject with something that is no Error.
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
  /** The bundle that was evaluated; its source map is beside it. */
  bundle: string;
  /** The bundle's input. */
  task: string;
  stderr: string;
}

/** An Error that says in a few lines what is wrong in sst.config.ts, and where. */
export function evaluationError({ project, bundle, task, stderr }: FailedEvaluation): Error {
  const failure = failureIn(`${task}.error`);
  const message = failure?.message.trim() || reasonIn(stderr);
  const places = failure === undefined ? [] : placesIn(failure.stack, bundle, project);
  const lines = [firstLines(message), ...places.slice(0, MAX_PLACES).map((place) => `    at ${place}`)];
  return new Error(`${path.join(project, "sst.config.ts")} cannot be evaluated: ${lines.join("\n")}`);
}

function reasonIn(stderr: string): string {
  const isLeak = stderr.includes("promises were still active"); // Pulumi's word for an end before all was done
  return isLeak || stderr.trim() === "" ? ENDED_EARLY : stderr.trim();
}

/** Does the same for an error of esbuild's. */
export function bundlingError(project: string, error: unknown): Error {
  const { errors = [] } = error as { errors?: { text: string; location: Location | null }[] };
  const lines = errors.map(({ text, location }) => (location === null ? text : `${placeOf(location)}: ${text}`));
  const reason = lines.length === 0 ? (error as Error).message : lines.join("\n    ");
  return new Error(`${path.join(project, "sst.config.ts")} cannot be bundled: ${reason}`, { cause: error });
}

interface Location {
  file: string;
  line: number;
  column: number;
}

function placeOf({ file, line, column }: Location): string {
  return `${file}:${line}:${column + 1}`;
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, MAX_LINES).join("\n");
}

function failureIn(file: string): Failure | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Failure) : undefined;
}

/** Lines of the project's own files in a stack, innermost first, such as `src/orders.ts:3:9`. */
function placesIn(stack: string, bundle: string, project: string): string[] {
  const map = sourceMapOf(bundle);
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

function sourceMapOf(bundle: string): SourceMap | undefined {
  const file = `${bundle}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}
