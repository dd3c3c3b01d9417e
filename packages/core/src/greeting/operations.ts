import { operation } from "../permissions";
import { Greeting, NewGreeting } from "./greeting";

export const hello = /* @__PURE__ */ operation("GET /SecureBackendFunction", {
  id: "hello",
  permission: "public",
  answers: { 200: Greeting },
});

export const greet = /* @__PURE__ */ operation("POST /SecureBackendFunction", {
  id: "greet",
  permission: "public",
  body: NewGreeting,
  answers: { 200: Greeting, 400: "problem", 413: "problem", 415: "problem" },
});
