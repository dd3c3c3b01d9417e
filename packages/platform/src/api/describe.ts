import * as z from "zod/mini";

import { operation } from "../permissions";

const Document = z.looseObject({ openapi: z.string() });

export const describe = /* @__PURE__ */ operation("GET /openapi.json", {
  id: "describe",
  permission: "public",
  answers: { 200: Document },
});
