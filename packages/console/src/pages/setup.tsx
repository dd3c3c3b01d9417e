import { CONFIG_PATH } from "../data/config";
import { Json } from "../ui/parts";

const EXAMPLE = {
  app: "<app>",
  apiUrl: "https://<api id>.execute-api.<region>.amazonaws.com/<stage>",
  issuer: "https://cognito-idp.<region>.amazonaws.com/<pool id>",
  clientId: "<client id>",
  stage: "<stage>",
  region: "<region>",
  accessLogGroup: "/aws/apigateway/<api>/<stage>",
  offline: false,
};

/** Shown when the console has no valid configuration. */
export function Setup({ message }: { message: string }) {
  return (
    <main class="setup">
      <h1>Console not configured</h1>
      <p role="alert">{message}</p>
      <p>
        The deployment creates <code>{CONFIG_PATH}</code> once the API exists, and <code>pnpm offline</code> serves it
        for you. Expected content:
      </p>
      <Json value={EXAMPLE} />
      <button type="button" class="primary" onClick={() => location.reload()}>
        Retry
      </button>
    </main>
  );
}
