import type { FunctionBuild, Plain, Resource, Value } from "../graph";
import { generateOutputs } from "../outputs";
import { escapeMarker, isSecret, joinPieces, outputName, type Piece } from "../reference";
import { markers } from "./markers";
import type { RecordedResource, Recording } from "./recording";
import { placeholdersIn } from "./secret-placeholder";

/** The text of a resource's output. */
interface OutputText {
  text: string;
  output: string;
  secret: boolean;
}

interface Scope {
  /** Texts that identify a resource, by URN: its outputs, and inputs that are also outputs. */
  outputTexts: Map<string, OutputText[]>;
  folders: [folder: string, name: string][];
  /** Common words, which are not references inside a longer text. */
  words: string[];
}

/**
 * Converts a recording to the resources, functions and outputs of a graph. Every use of another
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

/** The stack, and SST's own records of links. They do not exist in AWS. */
const BOOKKEEPING = new Set(["pulumi:pulumi:Stack", "sst:sst:LinkRef", "sst:sst:Version"]);

function renderResource(resource: RecordedResource, scope: Scope): Resource {
  const inputs = Object.entries(resource.inputs)
    .filter(([key]) => key !== "__provider") // the source code of SST's dynamic provider
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
  if (lambda === undefined) throw new Error(`the build of "${functionID}" has no Lambda function`);
  const { architecture = "", ...nodejs } = properties;
  return {
    ...{ name: functionID, urn: lambda.urn, handler, runtime, architecture },
    nodejs: renderRecord(omitUndefined(nodejs), [], scope, `${functionID}: nodejs`),
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

/**
 * Pulumi marks a whole environment as secret if one value is. Values that are not secret stay
 * visible.
 */
function renderSecret(value: Plain, dependencies: string[], scope: Scope, where: string): Value {
  const rendered = renderValue(value, dependencies, scope, where);
  return hasSecret(rendered) ? rendered : { secret: where };
}

function hasSecret(value: Value): boolean {
  if (typeof value === "string") return value.includes("${secret:");
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(hasSecret);
}

function renderText(text: string, dependencies: string[], scope: Scope): Value {
  const outputTexts = dependencies.flatMap((urn) => scope.outputTexts.get(urn) ?? []);
  const json = parseJsonText(text);
  if (json !== undefined && !hasReferenceInKeys(json, outputTexts))
    return { json: renderValue(json, dependencies, scope, "json") };
  const candidates = outputTexts.filter(({ text: word }) => word === text || !scope.words.includes(word));
  return joinPieces(split(text, candidates, scope.folders));
}

/**
 * A key cannot be a reference. A JSON text with such a key stays a text, with the reference inside.
 */
function hasReferenceInKeys(json: Plain, outputTexts: OutputText[]): boolean {
  if (typeof json !== "object" || json === null) return false;
  const keys = Array.isArray(json) ? [] : Object.keys(json);
  return (
    keys.some((key) => outputTexts.some(({ text }) => findOccurrences(key, text).length > 0)) ||
    Object.values(json).some((item) => hasReferenceInKeys(item, outputTexts))
  );
}

/** Returns the value of a JSON text, or undefined if `JSON.stringify` would give another text. */
function parseJsonText(text: string): Plain | undefined {
  if (!text.startsWith("{") && !text.startsWith("[")) return undefined;
  try {
    const value = JSON.parse(text) as Plain;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined; // such as an access log format, or code
  }
}

function split(text: string, outputTexts: OutputText[], folders: Scope["folders"]): Piece[] {
  const found = [
    ...placeholdersIn(text).map(({ name, start, end }) => ({ start, end, piece: { secret: name } as Piece })),
    ...outputTexts.flatMap(({ text: part, output, secret }) =>
      findOccurrences(text, part).map((start) => ({
        start,
        end: start + part.length,
        piece: (secret ? { secret: output } : { ref: output }) as Piece,
      })),
    ),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, piece } of found) {
    if (start < at) continue; // inside a longer reference
    if (start > at) pieces.push({ text: folders.reduce(shorten, text.slice(at, start)) });
    pieces.push(piece);
    at = end;
  }
  if (at < text.length) pieces.push({ text: folders.reduce(shorten, text.slice(at)) });
  return pieces;
}

/**
 * Returns the indexes at which `part` is a whole word: "dev" is one in "/dev", but not in
 * "devices".
 */
function findOccurrences(text: string, part: string): number[] {
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
  const outputTexts = resources
    .filter(({ custom }) => custom)
    .map((resource): [string, OutputText[]] => {
      const inputs = markers.strip(resource.inputs);
      const { id, outputs, secrets = [] } = generateOutputs({ ...resource, inputs });
      // List inputs do not identify a resource: two clients may have the same scopes.
      const textInputs = Object.entries(inputs).filter(([, value]) => typeof value === "string");
      const all = Object.entries({ ...Object.fromEntries(textInputs), ...outputs, id });
      return [
        resource.urn,
        removeDuplicates(all.flatMap(([key, value]) => textsOf(key, value, resource.urn, secrets.includes(key)))),
      ];
    });
  return { outputTexts: new Map(outputTexts), folders };
}

function textsOf(key: string, value: Plain, urn: string, secret: boolean): OutputText[] {
  if (typeof value === "string") return value === "" ? [] : [{ text: value, output: outputName(urn, key), secret }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index) => textsOf(`${key}[${index}]`, item, urn, secret));
}

/** Keeps the first output of each text: `name` or `arn` before an equal `id`. */
function removeDuplicates(outputTexts: OutputText[]): OutputText[] {
  return outputTexts.filter(({ text }, index) => outputTexts.findIndex((other) => other.text === text) === index);
}

function omitUndefined(value: Record<string, Plain | undefined>): Record<string, Plain> {
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Plain] => entry[1] !== undefined));
}

function byUrn(a: { urn: string }, b: { urn: string }): number {
  return a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0;
}
