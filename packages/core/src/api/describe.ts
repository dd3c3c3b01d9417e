import * as z from "zod/mini";

import { operation } from "../permissions";

export const describe = /* @__PURE__ */ operation("GET /openapi.json", {
  id: "describe",
  permission: "public",
  answers: { 200: z.looseObject({ openapi: z.string() }) },
});
