/** An operation of the OpenAPI document, with what it takes to send a request. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | undefined;
  parameters: Parameter[];
  /** Scopes that the token needs; undefined if no token is needed. */
  scopes: string[] | undefined;
  examples: Example[];
  takesBody: boolean;
}

export interface Example {
  name: string;
  summary: string;
  /** Values of parameters, by name. */
  typed: Record<string, string>;
  body: string;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description: string;
  /** The allowed values; empty if any value is. */
  options: string[];
}

type Json = Record<string, unknown>;

/** Reads an OpenAPI 3.1 document. Skips what is missing or malformed, and never throws. */
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

/** Merges the examples of parameters and body that have the same name. */
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
    const { name: parameterName, examples } = resolveReference(root, parameter);
    for (const [name, example] of Object.entries(objectOf(examples))) {
      add(name, example, (one, value) => {
        one.typed[String(parameterName)] = String(value);
      });
    }
  }
  return [...found.values()];
}

function parameterOf(root: Json, given: unknown): Parameter {
  const parameter = resolveReference(root, given);
  const schema = resolveReference(root, parameter.schema);
  const at = parameter.in;
  return {
    name: String(parameter.name),
    in: at === "path" || at === "header" ? at : "query",
    required: parameter.required === true,
    description: String(parameter.description ?? schema.description ?? ""),
    options: Array.isArray(schema.enum) ? schema.enum.map(String) : [],
  };
}

function resolveReference(root: Json, value: unknown): Json {
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
 * Returns the request for the typed values. Empty parameters are left out.
 *
 * @throws Error that names a value that can't be sent
 */
export function requestOf(
  { path, parameters }: Operation,
  typed: Record<string, string>,
  apiUrl: string,
): { url: URL; headers: Headers } {
  const given = (at: Parameter["in"]) =>
    parameters.filter((parameter) => parameter.in === at).map(({ name }) => [name, typed[name] ?? ""] as const);
  const filled = given("path").reduce((text, [name, value]) => {
    // A browser resolves `.` and `..` in a path, encoded or not.
    if (/^\.{0,2}$/.test(value))
      throw new Error(value === "" ? `${name} is required.` : `${name}: "${value}" can't be part of a path.`);
    return text.replace(`{${name}}`, () => encodeURIComponent(value));
  }, path);
  const url = new URL(`${apiUrl}${filled}`);
  for (const [name, value] of given("query")) if (value !== "") url.searchParams.append(name, value);
  const headers = new Headers();
  for (const [name, value] of given("header")) {
    if (!/^[\x20-\x7e\xa0-\xff]*$/.test(value))
      throw new Error(`${name} contains characters not allowed in a header: ${JSON.stringify(value)}.`);
    if (value !== "") headers.append(name, value);
  }
  return { url, headers };
}
