import * as z from "zod/mini";

import { fn } from "../input";

/** Where a greeting comes from: with the request id, its access-log line can be found. */
export interface Origin {
  requestId: string;
  stage: string;
}

export interface Greeting extends Origin {
  message: string;
}

/** In code points. */
export const NAME_LENGTH = 100;

const name = z.string().check(
  z.trim(),
  z.refine((text) => text !== "", { error: "must not be empty" }),
  // Code points, as a person counts: an emoji is two of what `length` counts.
  z.refine((text) => [...text].length <= NAME_LENGTH, { error: `must have at most ${NAME_LENGTH} characters` }),
  z.refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), { error: "must not have control characters" }),
);

export const newGreeting = z.strictObject({ name });

/** The lab's backend logic: shows that the function runs, and in which stage. */
export function hello(origin: Origin): Greeting {
  return { message: "Hello World", ...origin };
}

/** Greets by name. Throws an `AppError` of kind `input` for anything but `{ name }`. */
export const greet = fn(newGreeting, ({ name }, origin: Origin): Greeting => {
  return { message: `Hello ${name}`, ...origin };
});
