import { describe } from "./describe";
import { document } from "./document";

/** Texts and examples of the operations, for OpenAPI and tests. */
export const API_DOCS = [
  document(describe, {
    summary: "OpenAPI document",
    answers: { 200: "An OpenAPI 3.1 document" },
    examples: { document: { summary: "OpenAPI document", status: 200 } },
  }),
];
