import document from "./openapi.json" with { type: "json" };

/** The API's OpenAPI document (`pnpm synth` writes it) with the addresses of the stage that serves it. */
export function openApi(serverUrl: string, authUrl: string) {
  const { components, ...rest } = document;
  const { cognito } = components.securitySchemes;
  const { authorizationCode, clientCredentials } = cognito.flows;
  const at = <T extends object>(flow: T, keys: (keyof T)[]) => ({
    ...flow,
    ...Object.fromEntries(keys.map((key) => [key, `${authUrl}${flow[key]}`])),
  });
  const flows = {
    authorizationCode: at(authorizationCode, ["authorizationUrl", "refreshUrl", "tokenUrl"]),
    clientCredentials: at(clientCredentials, ["tokenUrl"]),
  };
  return {
    ...rest,
    servers: [{ url: serverUrl }],
    components: { ...components, securitySchemes: { ...components.securitySchemes, cognito: { ...cognito, flows } } },
  };
}
