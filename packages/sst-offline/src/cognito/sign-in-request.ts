import type { AppClient } from "./pool";

/** A client's request for a sign-in, checked. */
export interface SignInRequest {
  client: AppClient;
  redirectUri: string;
  scopes: string[];
  /** `none`: without a page. `login`: with the page, even if the browser has a session. */
  prompt: string | undefined;
  state: string | undefined;
  nonce: string | undefined;
  challenge: string | undefined;
}
