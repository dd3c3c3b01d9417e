import document from "./openapi.json" with { type: "json" };

/** Returns the OpenAPI document, which `pnpm synth` writes, with the URLs of the current stage. */
export function openApi(serverUrl: string, authUrl: string) {
  const { components, ...rest } = document;
  const { cognito } = components.securitySchemes;
  const { authorizationCode, clientCredentials } = cognito.flows;
  const withUrls = <T extends object>(flow: T, keys: (keyof T)[]) => ({
    ...flow,
    ...Object.fromEntries(keys.map((key) => [key, `${authUrl}${flow[key]}`])),
  });
  const flows = {
    authorizationCode: withUrls(authorizationCode, ["authorizationUrl", "refreshUrl", "tokenUrl"]),
    clientCredentials: withUrls(clientCredentials, ["tokenUrl"]),
  };
  return {
    ...rest,
    servers: [{ url: serverUrl }],
    components: { ...components, securitySchemes: { ...components.securitySchemes, cognito: { ...cognito, flows } } },
  };
}
