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

/** Where the console has not been told whose console it is. */
export function Setup({ message }: { message: string }) {
  return (
    <main class="setup">
      <h1>The console has no configuration</h1>
      <p role="alert">{message}</p>
      <p>
        The deployment writes <code>{CONFIG_PATH}</code> beside the site, after the API exists;{" "}
        <code>pnpm offline</code> serves it itself. It looks like this:
      </p>
      <Json value={EXAMPLE} />
      <button type="button" class="primary" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
