import { document } from "@backend/platform/api/document";
import { nameSchema, SCHEMAS } from "@backend/platform/api/schemas";
import { Greeting, NAME_LENGTH, NewGreeting } from "./greeting";
import { greet, hello } from "./operations";

/** Texts and examples of the operations, for OpenAPI and tests. */
export const GREETING_DOCS = [
  document(hello, {
    summary: "Say hello",
    description: "Health check: returns the stage and the request id.",
    answers: { 200: "A greeting with the stage and the request id" },
    examples: { hello: { summary: "Say hello", status: 200 } },
  }),
  document(greet, {
    summary: "Greet by name",
    answers: {
      200: "A greeting by name",
      400: "Invalid body; `errors` lists each problem",
      413: "The body is larger than 64 KB",
      415: "The body is not `application/json`",
    },
    examples: {
      ada: { summary: "Greet Ada", body: { name: "Ada" }, status: 200 },
      nameless: { summary: "Missing name", body: {}, status: 400 },
    },
  }),
];

nameSchema(NewGreeting, "NewGreeting");
SCHEMAS.add(NewGreeting.shape.name, {
  minLength: 1,
  maxLength: NAME_LENGTH,
  description: "No control characters. Spaces around the name are removed.",
});
nameSchema(Greeting, "Greeting");
