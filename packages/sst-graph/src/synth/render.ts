import type { FunctionBuild, Plain, Resource, Value } from "../graph";
import { createdBy } from "../outputs";
import { escapeMarker, isSecret, joinPieces, outputName, type Piece } from "../reference";
import { markers } from "./markers";
import type { RecordedResource, Recording } from "./recording";
import { placeholdersIn } from "./secret-placeholder";

/** A text that is an output of some resource. */
interface Known {
  text: string;
  output: string;
  secret: boolean;
}

interface Scope {
  /** By URN, what the use of a resource can be told by: its outputs, and the inputs that AWS gives back. */
  known: Map<string, Known[]>;
  folders: [folder: string, name: string][];
  /** Words that stand everywhere: within a longer text they are nobody's output. */
  words: string[];
}

/**
 * Turns a recording into the graph's resources, functions and outputs: every use of another
 * resource becomes a reference.
 *
 * @param words names of the app and the stage
 */
export function render(recording: Omit<Recording, "devCommands">, folders: Scope["folders"], words: string[] = []) {
  const resources = recording.resources.filter(({ type }) => !BOOKKEEPING.has(type));
  const scope = { ...scopeOf(resources, folders), words };
  return {
    resources: resources.map((resource) => renderResource(resource, scope)).sort(byUrn),
    functions: recording.builds.map((build) => renderBuild(build, resources, scope)).sort(byUrn),
    outputs: Object.fromEntries(
      Object.entries(recording.outputs).map(([key, { value, dependencies }]) => [
        key,
        renderValue(value, dependencies, scope, `outputs.${key}`),
      ]),
    ),
  };
}

/** The stack itself, and the notes that SST keeps for its links: nothing of them reaches AWS. */
const BOOKKEEPING = new Set(["pulumi:pulumi:Stack", "sst:sst:LinkRef", "sst:sst:Version"]);

function renderResource(resource: RecordedResource, scope: Scope): Resource {
  const inputs = Object.entries(resource.inputs)
    .filter(([key]) => key !== "__provider") // the source text of a provider that SST brings along
    .map(([key, value]) => {
      const dependencies = resource.propertyDependencies[key] ?? [];
      return [key, renderValue(value, dependencies, scope, `${resource.urn}: ${key}`)];
    });
  const mentioned = new Set(Object.values(resource.propertyDependencies).flat());
  const dependsOn = resource.dependencies.filter((urn) => !mentioned.has(urn)).sort();
  return {
    urn: resource.urn,
    type: resource.type,
    name: resource.name,
    ...(!resource.parent.includes("pulumi:pulumi:Stack") && resource.parent !== "" && { parent: resource.parent }),
    inputs: Object.fromEntries(inputs),
    ...(dependsOn.length > 0 && { dependsOn }),
    ...(resource.retainOnDelete && { retainOnDelete: true as const }),
    ...(resource.protect && { protect: true as const }),
    ...(resource.provider !== "" && { provider: resource.provider }),
    ...(resource.ignoreChanges.length > 0 && { ignoreChanges: [...new Set(resource.ignoreChanges)].sort() }),
  };
}

function renderBuild(build: Recording["builds"][number], resources: RecordedResource[], scope: Scope): FunctionBuild {
  const { functionID, handler, runtime, properties, links, hasCopyFiles, hasBundle } = build;
  const component = resources.find(({ type, name }) => type === "sst:aws:Function" && name === functionID);
  const lambda = resources.find(
    ({ type, parent }) => type === "aws:lambda/function:Function" && parent !== "" && parent === component?.urn,
  );
  if (lambda === undefined) throw new Error(`the build of "${functionID}" belongs to no Lambda function`);
  const { architecture = "", ...nodejs } = properties;
  return {
    ...{ name: functionID, urn: lambda.urn, handler, runtime, architecture },
    nodejs: renderRecord(defined(nodejs), [], scope, `${functionID}: nodejs`),
    ...(links.length > 0 && { links }),
    ...(hasCopyFiles && { copyFiles: true as const }),
    ...(hasBundle && { bundle: true as const }),
  };
}

function renderValue(value: Plain, dependencies: string[], scope: Scope, where: string): Value {
  if (typeof value === "string") return renderText(value, dependencies, scope);
  if (Array.isArray(value)) return value.map((item) => renderValue(item, dependencies, scope, where));
  if (typeof value !== "object" || value === null) return value;
  if (markers.isSecret(value)) return renderSecret(value.value ?? null, dependencies, scope, where);
  if (markers.isAsset(value)) return { asset: scope.folders.reduce(shorten, String(value.path)) };
  return escapeMarker(renderRecord(value, dependencies, scope, where));
}

function renderRecord(values: Record<string, Plain>, dependencies: string[], scope: Scope, where: string) {
  return Object.fromEntries(
    Object.entries(values).map(([key, item]) => [key, renderValue(item, dependencies, scope, `${where}.${key}`)]),
  );
}

/** An environment with one secret in it is marked as a whole: what can be told apart is not hidden. */
function renderSecret(value: Plain, dependencies: string[], scope: Scope, where: string): Value {
  const open = renderValue(value, dependencies, scope, where);
  return holdsSecret(open) ? open : { secret: where };
}

function holdsSecret(value: Value): boolean {
  if (typeof value === "string") return value.includes("${secret:");
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(holdsSecret);
}

function renderText(text: string, dependencies: string[], scope: Scope): Value {
  const known = dependencies.flatMap((urn) => scope.known.get(urn) ?? []);
  const json = parsed(text);
  if (json !== undefined && !keysMention(json, known)) return { json: renderValue(json, dependencies, scope, "json") };
  const told = known.filter(({ text: word }) => word === text || !scope.words.includes(word));
  return joinPieces(split(text, told, scope.folders));
}

/** A key is no place for a reference: such a JSON text stays a text, with the reference inside. */
function keysMention(json: Plain, known: Known[]): boolean {
  if (typeof json !== "object" || json === null) return false;
  const keys = Array.isArray(json) ? [] : Object.keys(json);
  return (
    keys.some((key) => known.some(({ text }) => occurrences(key, text).length > 0)) ||
    Object.values(json).some((item) => keysMention(item, known))
  );
}

/** The value of a JSON text, where writing it again gives the same text. */
function parsed(text: string): Plain | undefined {
  if (!text.startsWith("{") && !text.startsWith("[")) return undefined;
  try {
    const value = JSON.parse(text) as Plain;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined; // an access-log format, or code
  }
}

function split(text: string, known: Known[], folders: Scope["folders"]): Piece[] {
  const found = [
    ...placeholdersIn(text).map(({ name, start, end }) => ({ start, end, piece: { secret: name } as Piece })),
    ...known.flatMap(({ text: part, output, secret }) =>
      occurrences(text, part).map((start) => ({
        start,
        end: start + part.length,
        piece: (secret ? { secret: output } : { ref: output }) as Piece,
      })),
    ),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, piece } of found) {
    if (start < at) continue; // inside a longer one
    if (start > at) pieces.push({ text: folders.reduce(shorten, text.slice(at, start)) });
    pieces.push(piece);
    at = end;
  }
  if (at < text.length) pieces.push({ text: folders.reduce(shorten, text.slice(at)) });
  return pieces;
}

/** Where `part` stands as a whole word: "dev" in "/dev", not in "devices". */
function occurrences(text: string, part: string): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    const around = `${text[at - 1] ?? " "}${text[at + part.length] ?? " "}`;
    if (!/[A-Za-z0-9]/.test(around)) starts.push(at);
  }
  return starts;
}

function shorten(text: string, [folder, name]: [string, string]): string {
  return text.replaceAll(folder, () => name);
}

function scopeOf(resources: RecordedResource[], folders: Scope["folders"]): Omit<Scope, "words"> {
  const known = resources
    .filter(({ custom }) => custom)
    .map((resource): [string, Known[]] => {
      const inputs = markers.strip(resource.inputs);
      const { id, outputs, secrets = [] } = createdBy({ ...resource, inputs });
      // A list that it was given says nothing of a resource: two clients may ask for the same scopes.
      const given = Object.entries(inputs).filter(([, value]) => typeof value === "string");
      const all = Object.entries({ ...Object.fromEntries(given), ...outputs, id });
      return [
        resource.urn,
        unique(all.flatMap(([key, value]) => texts(key, value, resource.urn, secrets.includes(key)))),
      ];
    });
  return { known: new Map(known), folders };
}

function texts(key: string, value: Plain, urn: string, secret: boolean): Known[] {
  if (typeof value === "string") return value === "" ? [] : [{ text: value, output: outputName(urn, key), secret }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index) => texts(`${key}[${index}]`, item, urn, secret));
}

/** The first name of a text wins: `name` or `arn` over an `id` that is the same. */
function unique(known: Known[]): Known[] {
  return known.filter(({ text }, index) => known.findIndex((other) => other.text === text) === index);
}

function defined(value: Record<string, Plain | undefined>): Record<string, Plain> {
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Plain] => entry[1] !== undefined));
}

function byUrn(a: { urn: string }, b: { urn: string }): number {
  return a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0;
}
