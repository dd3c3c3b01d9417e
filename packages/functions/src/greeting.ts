import { greet, hello } from "@backend/core/greeting/greeting";
import * as operations from "@backend/core/greeting/operations";
import { describe } from "@backend/platform/api/describe";

import { variable } from "@backend/platform/lambda/environment";
import type { RequestInfo } from "@backend/platform/lambda/request";
import { implement, serve } from "@backend/platform/lambda/serve";
import { openApi } from "./openapi";

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
