import * as z from "zod/mini";

/** The request id identifies the request in the access log. */
export const Greeting = z.object({ message: z.string(), requestId: z.string(), stage: z.string() });
export type Greeting = z.output<typeof Greeting>;
type Origin = Omit<Greeting, "message">;

/** In code points. */
export const NAME_LENGTH = 100;

const name = z.string().check(
  z.trim(),
  z.refine((text) => text !== "", { error: "must not be empty" }),
  // Counts code points: `length` would count most emojis as two.
  z.refine((text) => [...text].length <= NAME_LENGTH, { error: `must have at most ${NAME_LENGTH} characters` }),
  z.refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), { error: "must not have control characters" }),
);

export const NewGreeting = z.strictObject({ name });
export type NewGreeting = z.output<typeof NewGreeting>;

/** Greets the world. */
export function hello(origin: Origin): Greeting {
  return { message: "Hello World", ...origin };
}

/** Greets by name. */
export function greet({ name }: NewGreeting, origin: Origin): Greeting {
  return { message: `Hello ${name}`, ...origin };
}
