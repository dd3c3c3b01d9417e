import { describe } from "@secure-backend/core/api/describe";
import { greet, hello } from "@secure-backend/core/greeting/greeting";
import * as operations from "@secure-backend/core/greeting/operations";

import { variable } from "./environment";
import { openApi } from "./openapi";
import { implement, type RequestInfo, serve } from "./serve";

export const handler = serve(
  implement(operations.hello, ({ request }) => ({ status: 200, body: hello(originOf(request)) })),
  implement(operations.greet, ({ body, request }) => ({ status: 200, body: greet(body, originOf(request)) })),
  implement(describe, ({ request }) => {
    const url = `https://${request.host}${variable("BASE_PATH")}`.replace(/\/$/, "");
    return { status: 200, body: openApi(url, variable("AUTH_URL")) };
  }),
);

function originOf({ id, stage }: RequestInfo) {
  return { requestId: id, stage };
}
