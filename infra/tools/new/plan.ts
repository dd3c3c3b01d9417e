import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { UsageError } from "@backend/sst-graph/usage-error";

import { checkFunctionName } from "../../components/lambda-limits";
import { withPrefix } from "../../components/prefix";
import { STAGE_NAMES } from "../../stage";
import { CONFIG, editsOf, OPERATIONS, PERMISSIONS, STAGE, type Texts } from "./edits";
import { camel, pascal } from "./names";
import { identifiersIn, type Noun, render } from "./render";

/** Files to write, by path in the project. */
export interface Plan {
  made: Texts;
  changed: Texts;
}

/** Files of the template, and where a noun has them. */
const FILES: [template: string, made: (noun: Noun) => string][] = [
  ["core/notes/note.ts", ({ plural, singular }) => `packages/core/src/${plural}/${singular}.ts`],
  ["core/notes/notes.ts", ({ plural }) => `packages/core/src/${plural}/${plural}.ts`],
  ["core/notes/notes.test.ts", ({ plural }) => `packages/core/src/${plural}/${plural}.test.ts`],
  ...["operations", "docs", "store", "memory-store"].map((name): [string, (noun: Noun) => string] => [
    `core/notes/${name}.ts`,
    ({ plural }) => `packages/core/src/${plural}/${name}.ts`,
  ]),
  ...["handler", "handler.test", "store", "store.test"].map((name): [string, (noun: Noun) => string] => [
    `functions/notes/${name}.ts`,
    ({ plural }) => `packages/functions/src/${plural}/${name}.ts`,
  ]),
  ["infra/notes.ts", ({ plural }) => `infra/${plural}.ts`],
];

/** Routes of the platform, and the prefix of scopes that name tenants. */
const RESERVED = ["traffic", "access-log", "function-log", "openapi", "tenant", "tenants"];

/** https://tc39.es/ecma262/#prod-ReservedWord, and what strict mode and modules add */
const KEYWORDS = [
  "arguments await break case catch class const continue debugger default delete do else enum eval export",
  "extends false finally for function if implements import in instanceof interface let new null package private",
  "protected public return static super switch this throw true try typeof undefined var void while with yield",
].join(" ");

/**
 * Says which files make a noun, and writes none. Throws a UsageError that says what is wrong and
 * how to solve it.
 */
export function planOf(noun: Noun, project: string): Plan {
  const read = (file: string) => readFileSync(path.join(project, file), "utf8");
  const template = (file: string) => read(`infra/tools/new/template/${file}`);
  refuseTaken(noun, project, read);
  refuseUnusable(
    noun,
    FILES.map(([file]) => template(file)),
  );
  const shared = Object.fromEntries(
    [CONFIG, PERMISSIONS, OPERATIONS, STAGE].map((file) => [
      file,
      existsSync(path.join(project, file)) ? read(file) : "",
    ]),
  );
  return {
    made: Object.fromEntries(FILES.map(([file, made]) => [made(noun), render(template(file), noun)])),
    changed: editsOf(noun, shared, template),
  };
}

/** The logical names of a noun's table and function. */
function logicalNames({ plural }: Noun): string[] {
  return [pascal(plural), `Manage${pascal(plural)}`];
}

function refuseTaken(noun: Noun, project: string, read: (file: string) => string): void {
  const { plural, singular } = noun;
  const refuse = (found: string) => {
    throw new UsageError(`noun "${plural}": ${found}; choose another name`);
  };
  if (RESERVED.includes(plural)) refuse("the name is reserved for the platform");
  const places = ["packages/core/src", "packages/functions/src", "infra"].map((folder) => `${folder}/${plural}`);
  for (const place of places.flatMap((one) => [one, `${one}.ts`]))
    if (existsSync(path.join(project, place))) refuse(`${place} exists`);
  const docs = path.join(project, "docs");
  const page = existsSync(docs) && readdirSync(docs).find((name) => new RegExp(`^${plural}(-.*)?\\.md$`).test(name));
  if (page) refuse(`docs/${page} would be removed with it`);

  const permissions = ["core", "platform"].map((name) => read(`packages/${name}/src/permissions.ts`)).join();
  if (permissions.includes(`"${plural}/`)) refuse(`there is a permission "${plural}/..."`);
  if (permissions.includes(`group: "${plural}"`)) refuse(`there is a group "${plural}"`);

  const document = JSON.parse(read("packages/functions/src/openapi.json")) as {
    paths: object;
    components: { schemas: object };
  };
  const route = Object.keys(document.paths).find((one) => one.split("/")[1] === plural);
  if (route !== undefined) refuse(`there is a route "${route}"`);
  const schemas = ["", "Fields", "Page"].map((end) => `${pascal(singular)}${end}`).concat(`New${pascal(singular)}`);
  const schema = schemas.find((one) => one in document.components.schemas);
  if (schema !== undefined) refuse(`the API has a schema "${schema}"`);

  const sources = [CONFIG, ...sourcesIn(project, "infra"), ...sourcesIn(project, "infra/components")].map(read).join();
  const resource = logicalNames(noun).find((one) => sources.includes(`"${one}"`));
  if (resource !== undefined) refuse(`there is a resource "${resource}"`);
  if (identifiersIn(read(CONFIG)).has(camel(plural)))
    refuse(`${CONFIG} uses the name "${camel(plural)}" for something else`);
}

/** Files that may name resources. */
function sourcesIn(project: string, folder: string): string[] {
  const names = readdirSync(path.join(project, folder)).filter((name) => /^[^.]+\.ts$/.test(name));
  return names.map((name) => path.join(folder, name));
}

function refuseUnusable({ plural, singular, ...noun }: Noun, template: string[]): void {
  const taken = new Set([...KEYWORDS.split(" "), ...template.flatMap((text) => [...identifiersIn(text)])]);
  const name = [camel(plural), camel(singular), pascal(singular)].find((one) => taken.has(one));
  if (name !== undefined)
    throw new UsageError(
      `noun "${plural}": the generated code uses the name "${name}" for something else; ` +
        "choose another name, or another --singular",
    );
  for (const stage of STAGE_NAMES)
    for (const logical of logicalNames({ plural, singular, ...noun })) {
      try {
        checkFunctionName(`${withPrefix(logical)}-${stage}`);
      } catch (error) {
        throw new UsageError(`noun "${plural}": ${(error as Error).message}`);
      }
    }
}
