import { greet, hello } from "@secure-backend/core/greeting/greeting";

import { variable } from "./environment";
import { http } from "./http";
import { openApi } from "./openapi";

export const handler = http({
  GET: (request) => ({ status: 200, body: hello(originOf(request)) }),
  POST: (request) => ({ status: 200, body: greet(request.json(), originOf(request)) }),
  "GET /openapi.json": ({ domainName }) => ({
    status: 200,
    body: openApi(`https://${domainName}${variable("BASE_PATH")}`.replace(/\/$/, ""), variable("AUTH_URL")),
  }),
});

function originOf({ requestId, stage }: { requestId: string; stage: string }) {
  return { requestId, stage };
}
