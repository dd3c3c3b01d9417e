import { greet, hello } from "@secure-backend/core/greeting/greeting";

import { http } from "./http";

export const handler = http({
  GET: (request) => ({ status: 200, body: hello(originOf(request)) }),
  POST: (request) => ({ status: 200, body: greet(request.json(), originOf(request)) }),
});

function originOf({ requestId, stage }: { requestId: string; stage: string }) {
  return { requestId, stage };
}
