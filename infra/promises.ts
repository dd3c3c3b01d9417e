/** Route keys that anyone may call. A public operation has to be listed here as well: opening a route takes two edits. */
export const PUBLIC_ROUTES = ["ANY /SecureBackendFunction", "GET /openapi.json"] as const;
