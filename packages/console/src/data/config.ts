/** The console's configuration, read at run time: one build serves every stage. */
export interface Config {
  /** Name of the app, shown beside the stage. */
  app: string;
  /** Includes the stage: `https://<api id>.execute-api.<region>.amazonaws.com/dev`. */
  apiUrl: string;
  /** Absent on a stage without browser sign-in, like `clientId`. */
  issuer?: string;
  clientId?: string;
  stage: string;
  region: string;
  accessLogGroup: string;
  /** True under `pnpm offline`, which serves its own endpoints on the console's origin. */
  offline: boolean;
  /** Identities to switch between; the console opens as the first one. None on AWS. */
  testIdentities: TestIdentity[];
}

export interface TestIdentity extends TokenRequest {
  label: string;
}

/** A request for a test token. Offline only. */
export interface TokenRequest {
  client: "web" | "machine";
  user?: string;
  groups?: string[];
  /** Default: all scopes of the client. */
  scopes?: string[];
}

export const CONFIG_PATH = "/runtime/config.json";

/** The message is for the person who deployed the console. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Throws a ConfigError. */
export async function loadConfig(get: typeof fetch = fetch): Promise<Config> {
  const response = await get(CONFIG_PATH, { cache: "no-store" }).catch((cause: unknown) => {
    throw new ConfigError(`Couldn't load ${CONFIG_PATH}.`, { cause });
  });
  if (!response.ok) throw new ConfigError(`${CONFIG_PATH} returned ${response.status}.`);
  return configOf(await response.text());
}

/** Throws a ConfigError that names the field. */
export function configOf(text: string): Config {
  const json = parseObject(text);
  const read = (name: string, isValid: (value: string) => boolean = () => true): string => {
    const value = json[name];
    if (typeof value !== "string" || value === "" || !isValid(value)) throw invalid(name, value);
    return value;
  };
  const has = (name: string) => json[name] !== undefined && json[name] !== null && json[name] !== "";
  if (typeof json.offline !== "boolean") throw invalid("offline", json.offline);
  return {
    app: read("app"),
    apiUrl: read("apiUrl", isHttp).replace(/\/+$/, ""),
    ...(has("issuer") && { issuer: read("issuer", isHttp) }),
    ...(has("clientId") && { clientId: read("clientId") }),
    stage: read("stage"),
    region: read("region"),
    accessLogGroup: read("accessLogGroup"),
    offline: json.offline,
    testIdentities: Array.isArray(json.testIdentities) ? json.testIdentities : [],
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // For example, the HTML page of a site that serves it at every path.
  }
  throw new ConfigError(`${CONFIG_PATH} isn't a JSON object.`);
}

function invalid(name: string, value: unknown): ConfigError {
  const problem = value === undefined ? "is missing" : `has an invalid value: ${JSON.stringify(value)}`;
  return new ConfigError(`${CONFIG_PATH}: "${name}" ${problem}.`);
}

function isHttp(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
