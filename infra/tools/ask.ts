import { createInterface } from "node:readline/promises";

/** Asks on a terminal. The proposal is what an empty answer means. */
export async function askOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  question: string,
  proposal: string,
): Promise<string> {
  const terminal = createInterface({ input, output });
  try {
    return await terminal.question(proposal === "" ? `${question}: ` : `${question} [${proposal}]: `);
  } finally {
    terminal.close();
  }
}
