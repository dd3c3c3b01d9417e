/** What the console has to be told where it is served: it is built without knowing the API. */
export interface Config {
  /** Name of the app, shown beside the stage. */
  app: string;
  /** With the stage: `https://<api id>.execute-api.<region>.amazonaws.com/dev`. */
  apiUrl: string;
  /** Absent where nobody signs in: a stage without a client for people. */
  issuer?: string;
  clientId?: string;
  stage: string;
  region: string;
  accessLogGroup: string;
  /** Served by `pnpm offline`, whose own services answer on the console's origin. */
  offline: boolean;
}

export const CONFIG_PATH = "/runtime/config.json";

/** The message is for whoever has deployed the console. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Throws a ConfigError. */
export async function loadConfig(get: typeof fetch = fetch): Promise<Config> {
  const response = await get(CONFIG_PATH, { cache: "no-store" }).catch((cause: unknown) => {
    throw new ConfigError(`${CONFIG_PATH} cannot be reached.`, { cause });
  });
  if (!response.ok) throw new ConfigError(`${CONFIG_PATH} was answered with ${response.status}.`);
  return configOf(await response.text());
}

/** Throws a ConfigError that names the field. */
export function configOf(text: string): Config {
  const json = parsed(text);
  const read = (name: string, isGood: (value: string) => boolean = () => true): string => {
    const value = json[name];
    if (typeof value !== "string" || value === "" || !isGood(value))
      throw new ConfigError(`${CONFIG_PATH}: "${name}" is ${JSON.stringify(value) ?? "missing"}.`);
    return value;
  };
  const given = (name: string) => json[name] !== undefined && json[name] !== null && json[name] !== "";
  if (typeof json.offline !== "boolean")
    throw new ConfigError(`${CONFIG_PATH}: "offline" is ${JSON.stringify(json.offline) ?? "missing"}.`);
  return {
    app: read("app"),
    apiUrl: read("apiUrl", isHttp).replace(/\/+$/, ""),
    ...(given("issuer") && { issuer: read("issuer", isHttp) }),
    ...(given("clientId") && { clientId: read("clientId") }),
    stage: read("stage"),
    region: read("region"),
    accessLogGroup: read("accessLogGroup"),
    offline: json.offline,
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // As where a site answers every path with its page.
  }
  throw new ConfigError(`${CONFIG_PATH} is not a JSON object.`);
}

function isHttp(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
