/** An operation of the API's own description, as far as one can try it. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | undefined;
  parameters: Parameter[];
  /** Whether a token is asked for, and with which scopes. */
  scopes: string[] | undefined;
  examples: Example[];
  takesBody: boolean;
}

export interface Example {
  name: string;
  summary: string;
  /** Parameters by name. */
  typed: Record<string, string>;
  body: string;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description: string;
  /** Where there are only some values. */
  options: string[];
}

type Json = Record<string, unknown>;

/** Reads an OpenAPI 3.1 document. What it does not have is left out: a document is never wrong enough for an error. */
export function operationsOf(document: unknown): Operation[] {
  const root = objectOf(document);
  return Object.entries(objectOf(root.paths)).flatMap(([path, methods]) =>
    Object.entries(objectOf(methods))
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => operationOf(root, method, path, objectOf(operation))),
  );
}

const METHODS = ["get", "post", "put", "patch", "delete"];

function operationOf(root: Json, method: string, path: string, operation: Json): Operation {
  const content = objectOf(objectOf(objectOf(operation.requestBody).content)["application/json"]);
  const [security] = (operation.security ?? []) as Json[];
  const [scopes] = Object.values(security ?? {});
  return {
    id: String(operation.operationId ?? `${method} ${path}`),
    method: method.toUpperCase(),
    path,
    summary: String(operation.summary ?? path),
    description: operation.description === undefined ? undefined : String(operation.description),
    parameters: ((operation.parameters ?? []) as unknown[]).map((parameter) => parameterOf(root, parameter)),
    scopes: Array.isArray(scopes) ? scopes.map(String) : undefined,
    takesBody: operation.requestBody !== undefined,
    examples: examplesOf(root, operation, objectOf(content.examples)),
  };
}

/** Those of parameters and body that have the same name are one. */
function examplesOf(root: Json, operation: Json, bodies: Json): Example[] {
  const found = new Map<string, Example>();
  const add = (name: string, given: unknown, change: (example: Example, value: unknown) => void) => {
    const { summary, value } = objectOf(given);
    const example = found.get(name) ?? { name, summary: String(summary ?? name), typed: {}, body: "" };
    change(example, value);
    found.set(name, example);
  };
  for (const [name, example] of Object.entries(bodies)) {
    add(name, example, (one, value) => {
      one.body = JSON.stringify(value, null, 2);
    });
  }
  for (const parameter of (operation.parameters ?? []) as unknown[]) {
    const { name: of, examples } = referenced(root, parameter);
    for (const [name, example] of Object.entries(objectOf(examples))) {
      add(name, example, (one, value) => {
        one.typed[String(of)] = String(value);
      });
    }
  }
  return [...found.values()];
}

function parameterOf(root: Json, given: unknown): Parameter {
  const parameter = referenced(root, given);
  const schema = referenced(root, parameter.schema);
  const at = parameter.in;
  return {
    name: String(parameter.name),
    in: at === "path" || at === "header" ? at : "query",
    required: parameter.required === true,
    description: String(parameter.description ?? schema.description ?? ""),
    options: Array.isArray(schema.enum) ? schema.enum.map(String) : [],
  };
}

function referenced(root: Json, value: unknown): Json {
  const { $ref } = objectOf(value);
  if (typeof $ref !== "string") return objectOf(value);
  return objectOf(
    $ref
      .split("/")
      .slice(1)
      .reduce<unknown>((at, key) => objectOf(at)[key], root),
  );
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

/**
 * What to send for what somebody has typed in. Parameters that are left empty are left out.
 *
 * @throws Error that names a value which cannot be sent
 */
export function requestOf(
  { path, parameters }: Operation,
  typed: Record<string, string>,
  apiUrl: string,
): { url: URL; headers: Headers } {
  const given = (at: Parameter["in"]) =>
    parameters.filter((parameter) => parameter.in === at).map(({ name }) => [name, typed[name] ?? ""] as const);
  const filled = given("path").reduce((text, [name, value]) => {
    // A browser takes these for the place above or below, however they are written.
    if (/^\.{0,2}$/.test(value))
      throw new Error(`${name}: ${JSON.stringify(value)} cannot be sent as a part of a path.`);
    return text.replace(`{${name}}`, () => encodeURIComponent(value));
  }, path);
  const url = new URL(`${apiUrl}${filled}`);
  for (const [name, value] of given("query")) if (value !== "") url.searchParams.append(name, value);
  const headers = new Headers();
  for (const [name, value] of given("header")) {
    if (!/^[\x20-\x7e\xa0-\xff]*$/.test(value))
      throw new Error(
        `${name}: ${JSON.stringify(value)} cannot be sent in a header, which has letters of Latin-1 alone.`,
      );
    if (value !== "") headers.append(name, value);
  }
  return { url, headers };
}
