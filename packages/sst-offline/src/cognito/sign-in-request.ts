import type { AppClient } from "./pool";

/** A client's request for a sign-in, checked. */
export interface SignInRequest {
  client: AppClient;
  redirectUri: string;
  scopes: string[];
  state: string | undefined;
  nonce: string | undefined;
  challenge: string | undefined;
}
